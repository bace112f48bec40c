"""Recordings that were made by hand, written as a run writes them."""

from pathlib import Path

from voicegate.record.events import Event, Recording
from voicegate.record.recording import RecordingWriter


def write_recording(recording: Recording, path: Path) -> Path:
    """Write a recording to a new file, one event a line in time order, and return its path.

    Raises RecordingError when the file cannot be written, or is there already.
    """
    with RecordingWriter(path) as writer:
        for event in events_in_time(recording):
            writer.write(event)
    return path


def events_in_time(recording: Recording) -> list[Event]:
    """List everything that happened, in time order after the header."""
    parts = [recording, *recording.variants.values()]
    events = [event for part in parts for event in _events(part)]
    events += [] if parts[-1].end is None else [parts[-1].end]
    return [recording.header, *sorted(events, key=lambda event: event.t)]


def _events(part: Recording) -> list[Event]:
    """List what happened in the main run or in a variant, without its end."""
    return [
        *(() if part.variant is None else (part.variant,)),
        *part.phases,
        *part.memory,
        *part.log,
        *part.calls,
        *part.callers,
        *part.processors,
        *part.turns,
        *part.steps,
        *part.sounds,
        *part.scripted,
        *part.processes,
        *part.rooms,
        *part.disks,
        *part.sources,
        *part.pages,
        *part.page_calls,
    ]
