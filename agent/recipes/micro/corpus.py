"""Makes the training corpus: numbered shards, each from its own seed, in any order.

A shard holds about 1,300 clips: 450 texts in one voice each, twice with different effects,
two-sentence clips, and clips without speech. Shards that exist are kept, so an interrupted run
goes on where it stopped.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from recipes.micro.effects import colored, joined, placed, through_opus
from recipes.micro.features import log_mel
from recipes.micro.non_speech import non_speech
from recipes.micro.sentences import MAX_WORDS, agent_sentence, caller_sentence
from recipes.micro.shards import Clip, write_shard
from recipes.micro.voices import (
    SAMPLE_RATE,
    Audio,
    SynthesisError,
    Utterance,
    speak_project_voice,
    speak_training_voice,
)

MAX_CLIP_S = 7.9
OPUS_BIT_RATES = (24_000, 24_000, 28_000, 32_000)


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """What `make_corpus` makes: shards `first` to `first + count - 1` in `folder`."""

    folder: Path
    first: int
    count: int
    texts_per_shard: int = 450
    project_voice: Path | None = None
    project_voice_share: float = 0.28


def make_corpus(plan: CorpusPlan, workers: int) -> Iterator[Path]:
    """Make the shards that do not exist yet; yields each file when it is complete.

    Raises FileNotFoundError when the project's voice is asked for but not there.
    """
    if plan.project_voice and not plan.project_voice.exists():
        raise FileNotFoundError(f"{plan.project_voice} does not exist: build the voice, or use a share of 0")
    plan.folder.mkdir(parents=True, exist_ok=True)
    numbers = range(plan.first, plan.first + plan.count)
    missing = [n for n in numbers if not shard_path(plan.folder, n).exists()]
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(make_shard, [plan] * len(missing), missing)


def shard_path(folder: Path, number: int) -> Path:
    """Name the file of a shard."""
    return folder / f"shard-{number:04d}.npz"


def make_shard(plan: CorpusPlan, number: int) -> Path:
    """Make one shard; the same plan and number give the same clips."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rng = random.Random(number)
    clips: list[Clip] = []
    said: list[Utterance] = []
    while len(said) < plan.texts_per_shard:
        utterance = _speak(plan, rng)
        if len(utterance.audio) > 6.5 * SAMPLE_RATE:
            continue
        said.append(utterance)
        clips += _variants(utterance, said, rng)
    path = shard_path(plan.folder, number)
    write_shard(path, clips)
    return path


def _variants(utterance: Utterance, said: list[Utterance], rng: random.Random) -> list[Clip]:
    """Make the clips of one utterance: two of itself, sometimes a joined one and a silent one."""
    clips = [_clip(utterance, rng) for _ in range(2)]
    if rng.random() < 0.6:
        pair = _pair(utterance, said, rng)
        clips += [_clip(pair, rng)] if pair else []
    if rng.random() < 0.2:
        clips.append(Clip(log_mel(_over_the_line(non_speech(rng), rng)), "", 0, 0, "none"))
    return [clip for clip in clips if clip.features.shape[1] <= MAX_CLIP_S * 100]


def _speak(plan: CorpusPlan, rng: random.Random) -> Utterance:
    model = plan.project_voice
    try:
        if model and rng.random() < plan.project_voice_share:
            return speak_project_voice(agent_sentence(rng), rng, model)
        return speak_training_voice(caller_sentence(rng), rng)
    except SynthesisError:
        return speak_training_voice(caller_sentence(rng), rng)


def _pair(utterance: Utterance, said: list[Utterance], rng: random.Random) -> Utterance | None:
    """Join the utterance and an earlier one, preferably of its voice; None if too long."""
    same = [other for other in said if other.voice == utterance.voice]
    for _ in range(6):
        other = rng.choice(same if len(same) > 2 and rng.random() < 0.8 else said)
        text = f"{utterance.text} {other.text}"
        length = len(utterance.audio) + len(other.audio)
        if len(text.split()) <= MAX_WORDS and length < 6.6 * SAMPLE_RATE:
            return Utterance(joined(utterance.audio, other.audio, rng), text, utterance.voice)
    return None


def _clip(utterance: Utterance, rng: random.Random) -> Clip:
    audio, start_s, end_s = placed(colored(utterance.audio, rng), rng)
    return Clip(log_mel(_over_the_line(audio, rng)), utterance.text, start_s, end_s, utterance.voice)


def _over_the_line(audio: Audio, rng: random.Random) -> Audio:
    if rng.random() < 0.35:
        return through_opus(audio, rng.choice(OPUS_BIT_RATES))
    return audio
