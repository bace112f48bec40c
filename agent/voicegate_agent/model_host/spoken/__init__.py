"""What a voice is given to say for a text: words and pauses in place of marks, signs and figures."""
