"""What keeps a run from happening."""


class DriveError(Exception):
    """The scenario could not be driven: nothing was measured. The message says why and what to do."""
