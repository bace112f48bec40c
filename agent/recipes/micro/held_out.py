"""The test sets: texts, codes and voices that training never saw, made anew from a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recipes.micro.corpus import OPUS_BIT_RATES
from recipes.micro.effects import joined, placed, through_opus
from recipes.micro.non_speech import KINDS, non_speech
from recipes.micro.sentences import HELD_OUT_CODES, held_out_sentence
from recipes.micro.vocabulary import AGENT_SENTENCES, CALLER_SENTENCES, spoken
from recipes.micro.voices import (
    SAMPLE_RATE,
    Audio,
    Utterance,
    speak_held_out_voice,
    speak_project_voice,
    speak_training_voice,
)

SEED = 20_261_122

Voice = Callable[[str, random.Random], Utterance]
Text = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class TestClip:
    """One clip of 16 kHz audio, and what it says: "" for no speech."""

    __test__ = False

    audio: Audio
    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class HeldOutSet:
    """A named set of test clips."""

    title: str
    clips: tuple[TestClip, ...]


def held_out_sets(project_voice: Path, scale: float = 1.0, seed: int = SEED) -> list[HeldOutSet]:
    """All test sets; `scale` multiplies their sizes. Takes about 20 s at scale 1."""
    rng = random.Random(seed)

    def project(text: str, rng: random.Random) -> Utterance:
        return speak_project_voice(text, rng, project_voice)

    def count(clips: int) -> int:
        return max(2, round(clips * scale))

    trained = speak_training_voice
    strange = speak_held_out_voice
    return [
        _set("new sentences", count(150), held_out_sentence, trained, rng),
        _set("new codes", count(150), _new_code, trained, rng),
        _set('"my code is" and a new code', count(60), _my_code, trained, rng),
        _opus("new sentences and codes through Opus", count(80), _either, trained, rng),
        _opus("sentences callers say, through Opus", count(80), _caller, trained, rng),
        _opus("the project's voice, new texts, through Opus", count(80), _reply, project, rng),
        _opus("the project's voice, agent's replies, Opus", count(80), _agent, project, rng),
        _set("two new sentences in a clip", count(60), _either, trained, rng, pairs=True),
        _set("held-out voices, new sentences", count(80), held_out_sentence, strange, rng),
        _set("held-out voices, new codes", count(80), _new_code, strange, rng),
        HeldOutSet("no speech", _non_speech(count(90), rng)),
    ]


def _set(
    title: str, count: int, text: Text, voice: Voice, rng: random.Random, pairs: bool = False
) -> HeldOutSet:
    clips: list[TestClip] = []
    while len(clips) < count:
        utterance = voice(text(rng), rng)
        if pairs:
            utterance = _followed(utterance, voice(text(rng), rng), rng)
        if len(utterance.audio) < 6.3 * SAMPLE_RATE:
            audio, _, _ = placed(utterance.audio, rng, mild=True)
            clips.append(TestClip(audio, utterance.text, utterance.voice))
    return HeldOutSet(title, tuple(clips))


def _opus(title: str, count: int, text: Text, voice: Voice, rng: random.Random) -> HeldOutSet:
    clean = _set(title, count, text, voice, rng)
    clips = (
        TestClip(through_opus(clip.audio, rng.choice(OPUS_BIT_RATES)), clip.text, clip.voice)
        for clip in clean.clips
    )
    return HeldOutSet(title, tuple(clips))


def _followed(first: Utterance, second: Utterance, rng: random.Random) -> Utterance:
    audio = joined(first.audio, second.audio, rng)
    return Utterance(audio, f"{first.text} {second.text}", first.voice)


def _non_speech(count: int, rng: random.Random) -> tuple[TestClip, ...]:
    kinds = [list(KINDS)[n % len(KINDS)] for n in range(count)]
    return tuple(TestClip(non_speech(rng, kind), "", kind) for kind in kinds)


def _new_code(rng: random.Random) -> str:
    return spoken(rng.choice(sorted(HELD_OUT_CODES)))


def _my_code(rng: random.Random) -> str:
    return f"my code is {_new_code(rng)}"


def _either(rng: random.Random) -> str:
    return held_out_sentence(rng) if rng.random() < 0.5 else _new_code(rng)


def _reply(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return held_out_sentence(rng)
    return f"{rng.choice(('your code is', 'your order number is', 'it is'))} {_new_code(rng)}"


def _caller(rng: random.Random) -> str:
    return rng.choice(CALLER_SENTENCES)


def _agent(rng: random.Random) -> str:
    return rng.choice(AGENT_SENTENCES)
