"""The judges: one pure function per criterion, from a recording to a finding. Nothing here does I/O."""
