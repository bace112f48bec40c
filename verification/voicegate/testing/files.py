"""Recordings that were made by hand, written as a run writes them."""

from pathlib import Path

from voicegate.record.events import EVENTS_OF, Event, Recording
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
    parts = [recording, *recording.acts.values()]
    events: list[Event] = [part.act for part in parts if part.act is not None]
    events += [event for part in parts for name in EVENTS_OF.values() for event in getattr(part, name)]
    events += [] if parts[-1].end is None else [parts[-1].end]
    return [recording.header, *sorted(events, key=lambda event: event.t)]
