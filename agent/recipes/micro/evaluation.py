"""Measures a model on the held-out sets, both ways it is used.

"Fitted" is what the agent does: the encoder gets the utterance and a margin. "Shipped" is
faster-whisper's own `transcribe()`, which pads every clip to 30 s.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import jiwer
import numpy as np
from faster_whisper import WhisperModel

from recipes.micro.features import log_mel
from recipes.micro.held_out import HeldOutSet
from recipes.micro.voices import Audio

LEAST_FRAMES = 240
MARGIN_FRAMES = 60
FRAME_STEP = 20

Recognize = Callable[[Audio], str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A clip that was not understood exactly."""

    said: str
    heard: str
    voice: str


@dataclass(frozen=True, slots=True)
class Score:
    """One set, recognized one way.

    `word_error_rate` is None for a set without speech; `exact` is then the share of clips for
    which nothing was written. Both are fractions of 1.
    """

    title: str
    way: str
    clips: int
    word_error_rate: float | None
    exact: float
    clip_s: float
    mistakes: tuple[Mistake, ...]


def evaluate(folder: Path, sets: Iterable[HeldOutSet], compute_type: str) -> Iterator[Score]:
    """Score the model in `folder` on each set, fitted and as shipped."""
    model = WhisperModel(str(folder), device="cpu", compute_type=compute_type, cpu_threads=1)
    for held_out in sets:
        yield score(held_out, "fitted", lambda audio: recognize_fitted(model, audio))
        yield score(held_out, "shipped", lambda audio: recognize_as_shipped(model, audio))


def score(held_out: HeldOutSet, way: str, recognize: Recognize) -> Score:
    """Recognize every clip of a set and count what went wrong."""
    begin = time.perf_counter()
    heard = [recognize(clip.audio) for clip in held_out.clips]
    clip_s = (time.perf_counter() - begin) / len(heard)
    said = [clip.text for clip in held_out.clips]
    mistakes = tuple(
        Mistake(clip.text, text, clip.voice)
        for clip, text in zip(held_out.clips, heard, strict=True)
        if clip.text != text
    )
    rate = float(jiwer.wer(said, heard)) if any(said) else None
    exact = 1 - len(mistakes) / len(heard)
    return Score(held_out.title, way, len(heard), rate, exact, clip_s, mistakes)


def recognize_fitted(model: WhisperModel, audio: Audio) -> str:
    """Encode the clip and a margin of zero features; decode greedily without timestamps."""
    features = log_mel(audio)
    frames = fitted_frames(features.shape[1])
    padded = np.pad(features, ((0, 0), (0, frames - features.shape[1])))[None]
    encoded = model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(padded)))
    tokenizer = model.hf_tokenizer
    prompt = [tokenizer.token_to_id(t) for t in ("<|startoftranscript|>", "<|notimestamps|>")]
    (result,) = model.model.generate(encoded, [prompt], beam_size=1, max_length=60)
    end = tokenizer.token_to_id("<|endoftext|>")
    words = [token for token in result.sequences_ids[0] if token < end]
    return str(tokenizer.decode(words)).strip()


def fitted_frames(frames: int) -> int:
    """Frames to encode for a clip of `frames` frames: a margin of 60, a multiple of 20, ≥ 240."""
    with_margin = -(-(frames + MARGIN_FRAMES) // FRAME_STEP) * FRAME_STEP
    return max(LEAST_FRAMES, with_margin)


def recognize_as_shipped(model: WhisperModel, audio: Audio) -> str:
    """Recognize with `WhisperModel.transcribe(audio, language="en")`."""
    segments, _ = model.transcribe(audio, language="en")
    return " ".join("".join(segment.text for segment in segments).split())


def markdown_table(scores: Iterable[Score]) -> str:
    """Lay the scores out as a Markdown table: word error rate and exact clips in %, both ways."""
    rows: dict[str, list[Score]] = {}
    for one in scores:
        rows.setdefault(one.title, []).append(one)
    lines = ["| set (clips) | fitted: WER / exact | as shipped: WER / exact |", "|---|---|---|"]
    for title, row in rows.items():
        cells = " | ".join(_cell(one) for one in row)
        lines.append(f"| {title} ({row[0].clips}) | {cells} |")
    return "\n".join(lines)


def _cell(one: Score) -> str:
    if one.word_error_rate is None:
        return f"{round((1 - one.exact) * one.clips)} false texts"
    return f"{100 * one.word_error_rate:.1f} % / {100 * one.exact:.0f} %"
