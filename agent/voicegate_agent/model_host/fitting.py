"""How little of Whisper's 30 s a model may be given, and which models that was measured with.

A model that was trained on 30 s may loop or drift when its encoder sees less (SYSTRAN/faster-whisper#1006), so each
model has contexts of its own, and what looks wrong is heard again in the next wider one.
"""

from dataclasses import dataclass

from voicegate_agent.host_settings import FitContext

FULL_FRAMES = 3000
"""Whisper's 30 s, in frames of 10 ms."""

LOG_PROBABILITY_THRESHOLD = -1.0
"""Below it faster-whisper tries again."""

MARGIN_FRAMES = 60
FRAME_STEP = 20
SAMPLES_PER_FRAME = 160


@dataclass(frozen=True, slots=True)
class Fitting:
    """A way to hear with less than 30 s: the shortest contexts in frames, narrowest first, and what goes with them.

    `timestamps`: the text is decoded with timestamps. `improbable`: below this average log-probability an utterance is
    heard again in the next context. `full_at_last`: what is improbable in the last one too is heard in the full 30 s, as
    loops always are. `longest`: an utterance that needs more frames is heard in the full 30 s at once, by faster-whisper,
    which goes on where a model stops before the end.
    """

    contexts: tuple[int, ...]
    timestamps: bool = False
    improbable: float = LOG_PROBABILITY_THRESHOLD
    full_at_last: bool = True
    longest: int = FULL_FRAMES

    def wider(self, frames: int) -> int | None:
        """Give the next context wider than these frames; None when only the full one is left."""
        return next((context for context in self.contexts if context > frames), None)


TRAINED_SHORT = Fitting(contexts=(240,))
"""For models that were trained on utterances as they are: our own."""

BASE = Fitting(contexts=(500, 1500), timestamps=True, improbable=-0.7, full_at_last=False, longest=1500)
"""For Whisper base."""

TINY_EN = Fitting(contexts=(500, 1500), full_at_last=False, longest=1500)
"""For Whisper tiny.en, which with timestamps loses digits in telephone quality."""

MEASURED = {
    "voicegate/micro": TRAINED_SHORT,
    "voicegate/rehearsal-distil-large-v3": TRAINED_SHORT,
    "whisper-base": BASE,
    "whisper-tiny.en": TINY_EN,
}
"""By the models' names."""


def chosen_fitting(wish: FitContext, measured: Fitting | None) -> Fitting | None:
    """Choose how a model is fitted that was measured so (None: not measured, or better alone); None means 30 s for everything."""
    match wish:
        case FitContext.AUTO:
            return measured
        case FitContext.ON:
            return measured or BASE
        case FitContext.OFF:
            return None


def fitted_frames(samples: int, least_frames: int) -> int:
    """Give the encoder's frames for an utterance: with a margin behind it, not too few, a round number."""
    frames = -(-samples // SAMPLES_PER_FRAME) + MARGIN_FRAMES
    return max(least_frames, -(-frames // FRAME_STEP) * FRAME_STEP)
