"""Shards: files of ready log-mel features with their texts, written by `corpus`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recipes.micro.features import MELS, LogMel


@dataclass(frozen=True, slots=True)
class Clip:
    """One training clip: features [mels, frames], its text ("" for no speech), and when it spoke."""

    features: LogMel
    text: str
    start_s: float
    end_s: float
    voice: str


def write_shard(path: Path, clips: Sequence[Clip]) -> None:
    """Write clips as one .npz with float16 features; the file appears complete or not at all."""
    unfinished = path.with_suffix(".part")
    about = [{"text": c.text, "start_s": c.start_s, "end_s": c.end_s, "voice": c.voice} for c in clips]
    with unfinished.open("wb") as file:
        np.savez(
            file,
            features=np.concatenate([c.features for c in clips], axis=1).astype(np.float16),
            frames=np.array([c.features.shape[1] for c in clips], np.int32),
            about=np.array(json.dumps(about)),
        )
    unfinished.replace(path)


def read_shard(path: Path) -> list[Clip]:
    """Read a shard; features stay float16 to halve the memory of a corpus."""
    with np.load(path) as stored:
        features, frames = stored["features"], stored["frames"]
        about = json.loads(str(stored["about"]))
    if features.shape[0] != MELS:
        raise ValueError(f"{path} has {features.shape[0]} mels, not {MELS}: make the corpus again")
    ends = np.cumsum(frames)
    return [
        Clip(features[:, end - length : end], **facts)
        for end, length, facts in zip(ends, frames, about, strict=True)
    ]
