"""The clips that callers say: FLAC files, their manifest, and the recipe that made them."""
