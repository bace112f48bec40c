"""What keeps a run from happening."""

from voicegate.exit_codes import MeasuringError


class DriveError(MeasuringError):
    """The scenario could not be driven: nothing was measured. The message says why and what to do."""
