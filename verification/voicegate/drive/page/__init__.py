"""Calls from a web page, in a real browser: the page is served, opened, spoken to and watched."""
