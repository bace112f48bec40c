"""The sound of calls inside the page: both sides of a call as one small Ogg file with Opus, the caller left, the agent right.

A page has a bounded amount of it: which calls come first is the caller's order, and a call that does not fit any more has none.
"""

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicegate.record.wav import Samples, WavError, read_wav

MOST_BYTES = 2_600_000
"""Of the sound of all callers in a page; written as text there, it takes a third more."""
_BITS_PER_SECOND = 24_000
_QUICK = {
    "application": "audio",
    "compression_level": "3",
}  # 200 times as fast as the calls; its mode for voice takes five times as long


@dataclass(frozen=True, slots=True)
class SoundFiles:
    """Where the two tracks of a call are, relative to the recording."""

    said: str
    heard: str


def sounds_within(
    folder: Path, calls: Iterable[tuple[str, SoundFiles]], most_bytes: int = MOST_BYTES
) -> Mapping[str, str]:
    """Make the sound of calls as data URIs by name: in their order, while they fit. What cannot be read has none."""
    left_bytes, found = most_bytes, {}
    for name, files in calls:
        sound = _encoded(folder, files, left_bytes)
        if sound is not None and len(sound) <= left_bytes:
            left_bytes -= len(sound)
            found[name] = f"data:audio/ogg;base64,{base64.b64encode(sound).decode()}"
    return found


def _encoded(folder: Path, files: SoundFiles, most_bytes: int) -> bytes | None:
    """Read and encode a call; None where a file is missing, is none of this folder's, or will be too large."""
    try:
        (said, rate), (heard, heard_rate) = (
            read_wav(inside(folder, path)) for path in (files.said, files.heard)
        )
    except (WavError, FileOutsideError):
        return None
    least_bytes = len(said) / rate * _BITS_PER_SECOND / 8 / 2  # silence takes less than its share
    if rate != heard_rate or least_bytes > most_bytes:
        return None
    return encode(said, heard, rate)


class FileOutsideError(Exception):
    """A recording names a file that is not beside it."""


def inside(folder: Path, path: str) -> Path:
    """Find a file below the folder; a recording from somebody else may name any other. Raises FileOutsideError."""
    found = (folder / path).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise FileOutsideError(f"{path}: not below {folder}")
    return found


def encode(said: Samples, heard: Samples, rate: int) -> bytes:
    """Encode two tracks of any length, shape (n,), that begin together; the same samples make the same bytes."""
    import av  # noqa: PLC0415 - a third of a second, for pages with sound only

    both = np.zeros((max(len(said), len(heard), 1), 2), np.int16)
    both[: len(said), 0] = said
    both[: len(heard), 1] = heard
    written = io.BytesIO()
    options = {"fflags": "+bitexact", "serial_offset": "1"}
    with av.open(written, "w", format="ogg", options=options) as container:
        stream = container.add_stream("libopus", rate=rate, layout="stereo", options=_QUICK)
        stream.bit_rate = _BITS_PER_SECOND
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame.from_ndarray(both.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return written.getvalue()
