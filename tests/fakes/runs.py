"""Made-up runs on disk, and a drive that records one without a server, an agent or a caller."""

from collections.abc import Callable
from pathlib import Path

from verification.record.events import Recording
from verification.record.recording import RecordingWriter
from verification.settings import GateSettings


def write_recording(recording: Recording, path: Path) -> Path:
    """Write a recording to a file, event by event in time order."""
    kinds = (
        recording.phases,
        recording.memory,
        recording.log,
        recording.calls,
        recording.turns,
        recording.processes,
        () if recording.end is None else (recording.end,),
    )
    with RecordingWriter(path) as writer:
        writer.write(recording.header)
        for event in sorted((event for kind in kinds for event in kind), key=lambda event: event.t):
            writer.write(event)
    return path


class FakeDrive:
    """Writes a recording where a drive would, then raises `error` if there is one."""

    def __init__(self, recording: Recording | None, error: BaseException | None = None) -> None:
        self.recording = recording
        self.error = error

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Record into `out_dir`."""
        path = out_dir / "recording.jsonl"
        progress("Recording what never took place")
        if self.recording is not None:
            write_recording(self.recording, path)
        if self.error is not None:
            raise self.error
        return path
