"""One module per command of `voicegate`: each checks what it was asked, imports what it runs, and runs it."""
