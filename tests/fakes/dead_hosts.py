"""What a model host leaves behind that is killed in the middle of its work."""

from pathlib import Path

from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.quarantine import Quarantine


def die_while_hearing(socket: Path, *batch: Samples) -> None:
    """Leave the note of a host on this socket that died while it transcribed these."""
    with Quarantine(socket).watching(batch):
        notes = {path: path.read_bytes() for path in socket.parent.iterdir()}
    for path, note in notes.items():
        path.write_bytes(note)
