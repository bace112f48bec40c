"""Clips: recorded speech that callers can say, and what it should lead to."""

import json
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from verification.drive.errors import DriveError
from verification.record.timeline import RATE
from verification.record.wav import Samples, WavError, read_wav

MANIFEST = "clips.json"

ClipKind = Literal["code", "sentence"]


class ClipError(DriveError):
    """Clips that are missing or cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech at the tracks' rate, shape (n,), its text, the code spoken in it as digits, and the reply it should get."""

    name: str
    text: str
    code: str | None
    expected_reply: str
    samples: Samples


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    file: str
    text: str
    code: str | None = None
    expected_reply: str


def load_clips(folder: Path) -> tuple[Clip, ...]:
    """Read every clip that the manifest of `folder` names. Raises ClipError."""
    manifest = folder / MANIFEST
    try:
        entries = TypeAdapter(tuple[_Entry, ...]).validate_python(
            json.loads(manifest.read_text(encoding="utf-8"))
        )
    except (OSError, ValueError, ValidationError) as error:
        raise ClipError(f"{manifest}: cannot read the list of clips: {error}") from error
    return tuple(_load(folder / entry.file, entry) for entry in entries)


def _load(path: Path, entry: _Entry) -> Clip:
    try:
        samples, rate = read_wav(path)
    except WavError as error:
        raise ClipError(str(error)) from error
    if rate != RATE:
        raise ClipError(f"{path}: {rate} samples per second, expected {RATE}")
    return Clip(entry.name, entry.text, entry.code, entry.expected_reply, samples)


class ClipSupply:
    """Hands out clips; a code is handed out once, so that it can come back in one call only."""

    def __init__(self, clips: tuple[Clip, ...]) -> None:
        self._codes = deque(_with_different_codes(clips))
        self._sentences = deque(clip for clip in clips if clip.code is None)

    def take(self, kind: ClipKind) -> Clip:
        """Return a clip of this kind. Raises ClipError when the codes are used up."""
        if kind == "sentence" and self._sentences:
            self._sentences.rotate(-1)
            return self._sentences[-1]
        if not self._codes:
            raise ClipError("There are not enough clips with different codes for this scenario")
        return self._codes.popleft()


def _with_different_codes(clips: tuple[Clip, ...]) -> list[Clip]:
    return list({clip.code: clip for clip in clips if clip.code is not None}.values())
