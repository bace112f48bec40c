"""The criteria of a load run, in which callers come and go as they like and phases say only how many there are to be."""
