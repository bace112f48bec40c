"""The calls from the web page as the report has them: each with its sound, what was said on both sides, and a picture of the page.

Pictures and sound are inside the report, and bounded: what does not fit any more is linked.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from voicegate.judge.page import ANSWERED, CONNECTED, HEARD, LEFT, language_of, unmet_by
from voicegate.record.events import PageCall, PageTest, Recording
from voicegate.report.sounds import FileOutsideError, SoundFiles, inside, sounds_within

MOST_SOUND_BYTES = 600_000
MOST_PICTURE_BYTES = 150_000
"""Of all pictures in a report; written as text there, they take a third more."""

_WRONG: Mapping[str, str] = {
    CONNECTED: "did not reach the agent",
    ANSWERED: "no reply with the code that was said came in time",
    HEARD: "the page did not play the reply, or it could not be understood",
    LEFT: "did not end when it was hung up",
}


@dataclass(frozen=True, slots=True)
class PageVisit:
    """A call from the page; `wrong` says what it did not fulfil. `sound` and `picture` are data URIs, the files lie beside the recording."""

    call: PageCall
    language: str
    wrong: tuple[str, ...]
    files: SoundFiles | None
    sound: str | None = None
    picture: str | None = None

    @property
    def name(self) -> str:
        """Name it by its test and tab."""
        return f"{self.call.test}, tab {self.call.tab}"


def page_visits(recording: Recording, folder: Path | None) -> tuple[PageVisit, ...]:
    """List the calls test by test and tab by tab; `folder` is where their sound and pictures are, without it there are none."""
    order, language = get_args(PageTest), language_of(recording)
    calls = sorted(recording.page_calls, key=lambda one: (order.index(one.test), one.tab))
    files = {_key(call): _files(call) for call in calls}
    kept = ((key, found) for key, found in files.items() if found is not None)
    sounds = {} if folder is None else sounds_within(folder, kept, MOST_SOUND_BYTES)
    pictures = (
        {} if folder is None else pictures_within(folder, (one.picture for one in calls if one.picture))
    )
    return tuple(
        PageVisit(
            call,
            language,
            tuple(_WRONG[what] for what in unmet_by(call, calls, language)),
            files[_key(call)],
            sounds.get(_key(call)),
            pictures.get(call.picture or ""),
        )
        for call in calls
    )


def _key(call: PageCall) -> str:
    return f"{call.test}-{call.tab}"


def _files(call: PageCall) -> SoundFiles | None:
    return SoundFiles(call.said_audio, call.heard_audio) if call.said_audio and call.heard_audio else None


def pictures_within(
    folder: Path, paths: Iterable[str], most_bytes: int = MOST_PICTURE_BYTES
) -> Mapping[str, str]:
    """Make data URIs of pictures by their paths: in their order, while they fit. What is no picture, or not below the folder, has none."""
    left_bytes, found = most_bytes, {}
    for path in paths:
        picture = _read(folder, path, left_bytes)
        if kind := _kind(picture):
            left_bytes -= len(picture)
            found[path] = f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
    return found


def _read(folder: Path, path: str, most_bytes: int) -> bytes:
    """Read a picture; nothing of one that is missing, elsewhere or too large."""
    try:
        file = inside(folder, path)
        return file.read_bytes() if file.stat().st_size <= most_bytes else b""
    except (FileOutsideError, OSError):
        return b""


def _kind(picture: bytes) -> str | None:
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "webp" if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" else None
