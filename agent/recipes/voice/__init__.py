"""Compile a Piper-format voice from diphones that espeak-ng speaks."""
