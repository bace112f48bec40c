"""What keeps a run from happening."""

from voicegate.exit_codes import MeasuringError


class DriveError(MeasuringError):
    """The scenario could not be driven: nothing was measured. The message says why and what to do."""


class ClipError(DriveError):
    """Clips that are missing, altered, or cannot be read or spoken; the message names the file or the address."""
