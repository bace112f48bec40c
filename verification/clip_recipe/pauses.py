"""Where a speaker could pause: a quiet point of a clip between two words, so that both halves are still understood."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from voicegate.drive.clips.library import MANIFEST, Clip, load_library, read_manifest
from voicegate.measure.spoken_words import words
from voicegate.record.recognizer import Recognizer
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

_WINDOW = RATE * 30 // 1000
_APART = RATE * 60 // 1000
_MOST_POINTS = 9
_AROUND_S = 0.2


def note_pauses(folder: Path, recognizer: Recognizer) -> int:
    """Write into the manifest of `folder` where in each clip to pause; return in how many clips. Raises ClipError."""
    clips = load_library(folder).clips
    manifest = read_manifest(folder)
    records = tuple(
        record.model_copy(update={"pause_s": place} if (place := pause_of(clip, recognizer)) else {})
        for record, clip in zip(manifest.clips, clips, strict=True)
    )
    manifest = manifest.model_copy(update={"clips": records})
    (folder / MANIFEST).write_text(
        manifest.model_dump_json(indent=1, exclude_unset=True) + "\n", encoding="utf-8"
    )
    return sum(record.pause_s is not None for record in records)


def pause_of(clip: Clip, recognizer: Recognizer) -> float | None:
    """Find where to pause, in seconds of the clip: in the middle of its code, or of a sentence; None if nowhere.

    A sound inside a word can be as quiet as the end of it. Of all points at which the same words are heard before and after, the
    one in the middle is furthest from other words.
    """
    text = words(clip.text)
    points: dict[int, list[int]] = {}
    for point in _quiet_points(clip.samples):
        before = _heard(clip.samples[:point], recognizer)
        count = len(before)
        if before == text[:count] and _heard(clip.samples[point:], recognizer) == text[count:]:
            points.setdefault(count, []).append(point)
    middle = len(text) - 2 if clip.code else len(text) // 2
    for count in (middle, middle - 1, middle + 1):
        if 0 < count < len(text) and (found := points.get(count)):
            return round(_middle_one(found) / RATE, 3)
    return None


def _middle_one(points: Sequence[int]) -> int:
    middle = (min(points) + max(points)) / 2
    return min(points, key=lambda point: abs(point - middle))


def _quiet_points(samples: Samples) -> Iterator[int]:
    """Yield the quietest points of a clip, the quietest first."""
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(_WINDOW) / _WINDOW, "same")
    power[: round(0.3 * len(power))] = power[round(0.9 * len(power)) :] = np.inf
    for _ in range(_MOST_POINTS):
        point = int(np.argmin(power))
        yield point
        power[max(0, point - _APART) : point + _APART] = np.inf


def _heard(samples: Samples, recognizer: Recognizer) -> Sequence[str]:
    margin = round(_AROUND_S * RATE)
    return words(recognizer.transcribe(np.pad(samples, (margin, 2 * margin))))
