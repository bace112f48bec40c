"""Reads clips: speech that a caller can say, recorded or spoken from a text, what is said in it, and the reply it should get."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import av
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicegate.drive.clips.speech import SpeechEndpoint
from voicegate.drive.errors import ClipError
from voicegate.expected_reply import ANY_REPLY, ExpectedReply, GivenReply
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

MANIFEST = "clips.json"
SCHEMA_VERSION = 1

CLIPS_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech at `timeline.RATE`, shape (n,): its text, the code spoken in it as digits, the reply it should get.

    `pause_s` is where in it a speaker could pause, between two words, if that is known. After a `goodbye` the agent may end the call.
    """

    name: str
    text: str
    code: str | None
    expected_reply: ExpectedReply
    samples: Samples
    pause_s: float | None = None
    goodbye: bool = False


class ClipRecord(BaseModel):
    """One clip in the manifest: a file with its text, or a text that is spoken; `sha256` is of the file, and clips of your own need not give it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str | None = None
    text: str
    code: str | None = Field(default=None, pattern=r"^\d+$")
    expected_reply: GivenReply = ANY_REPLY
    voice: str = ""
    duration_s: float | None = None
    pause_s: float | None = Field(default=None, gt=0)
    goodbye: bool = False
    sha256: str | None = None


class ClipManifest(BaseModel):
    """The content of `clips.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    clips: tuple[ClipRecord, ...] = Field(min_length=1)
    speech: SpeechEndpoint | None = None

    @model_validator(mode="after")
    def _check_somebody_speaks(self) -> Self:
        silent = next((clip.name for clip in self.clips if clip.file is None), None)
        if self.speech is None and silent is not None:
            raise ValueError(
                f"the clip {silent} has no file, and `speech` names no endpoint that could speak its text"
            )
        return self


@dataclass(frozen=True, slots=True)
class ClipLibrary:
    """All clips of a folder, in the manifest's order."""

    clips: tuple[Clip, ...]

    @property
    def codes(self) -> tuple[Clip, ...]:
        """The clips in which a code is spoken; each code once, even if several clips speak it."""
        return tuple({clip.code: clip for clip in self.clips if clip.code is not None}.values())

    @property
    def sentences(self) -> tuple[Clip, ...]:
        """The clips without a code."""
        return tuple(clip for clip in self.clips if clip.code is None)


def read_manifest(folder: Path) -> ClipManifest:
    """Read `clips.json` of `folder`. Raises ClipError."""
    path = folder / MANIFEST
    try:
        return ClipManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ClipError(f"{path}: cannot read the list of clips: {error.strerror}") from error
    except ValidationError as error:
        raise ClipError(f"{path}: not a list of clips: {error}") from error


def load_library(folder: Path = CLIPS_FOLDER, progress: Callable[[str], None] | None = None) -> ClipLibrary:
    """Read and check every clip that the manifest of `folder` names; any format and rate that FFmpeg reads.

    Texts without a file are spoken by the manifest's speech endpoint when they are read for the first time.
    Raises ClipError naming the first file that is missing, altered or no sound, or why a text is not spoken.
    """
    manifest = read_manifest(folder)
    if manifest.speech is not None and progress is not None:
        progress(f"Clips: texts that are not yet in the cache are spoken by {manifest.speech.url}")
    return ClipLibrary(
        tuple(_load(_path(folder, record, manifest.speech), record) for record in manifest.clips)
    )


def read_audio(path: Path) -> Samples:
    """Decode an audio file to mono at `timeline.RATE`, shape (n,). Raises ClipError."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    try:
        with av.open(str(path)) as container:
            frames = [
                resampled for frame in container.decode(audio=0) for resampled in resampler.resample(frame)
            ]
        frames += resampler.resample(None)
    except (OSError, av.FFmpegError, IndexError) as error:
        raise ClipError(f"{path}: cannot be decoded as sound: {error}") from error
    if not frames:
        raise ClipError(f"{path}: holds no sound")
    samples: Samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return samples


def _path(folder: Path, record: ClipRecord, speech: SpeechEndpoint | None) -> Path:
    if record.file is not None:
        return folder / record.file
    assert speech is not None  # the manifest was checked
    return speech.file(record.text)


def _load(path: Path, record: ClipRecord) -> Clip:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ClipError(f"{path}: {error.strerror}, but {MANIFEST} names it") from error
    found = hashlib.sha256(content).hexdigest()
    if record.sha256 not in (None, found):
        raise ClipError(f"{path}: altered: sha256 {found}, but {MANIFEST} says {record.sha256}")
    samples = read_audio(path)
    if record.pause_s is not None and record.pause_s * RATE >= len(samples):
        raise ClipError(
            f"{path}: {len(samples) / RATE:.2f} s long, but {MANIFEST} has a pause at {record.pause_s:g} s"
        )
    return Clip(
        record.name,
        record.text,
        record.code,
        record.expected_reply,
        samples,
        record.pause_s,
        record.goodbye,
    )
