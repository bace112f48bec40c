"""What a caller does in a scripted call, step by step, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from voicegate.names import Departure, SoundName, StepKind
from voicegate.record.events import Expected

SPEECH_S = 2.0
_REPLY_S = 2.5  # with the wait for it
AFTER_TURN_S = 1.2
LISTEN_S = 1.8
"""How long a caller listens after a reply that something was done to, for what must not come any more."""


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """A step of a scripted call: a kind of clip, or the name of one, that the caller `says`, else a `sound`; seconds.

    In the middle of what is said the caller is silent for `pause_s`. With `into_reply_s` the step begins so long after the reply to the step
    before began, else when that was heard to its end. `for_s` is how long a sound is. What it `expects` takes the place of what is
    asked of every agent.

    Instead, the caller `writes` a message; is `muted` for `for_s`; or `leaves`, which ends the script. A sound is `level_db` louder than usual.
    """

    says: str | None = None
    writes: str | None = None
    leaves: Departure | None = None
    muted: bool = False
    sound: SoundName = "silence"
    level_db: float = 0.0
    for_s: float = 0.0
    pause_s: float = 0.0
    into_reply_s: float | None = None
    expects: Expected | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the agent answers what is done."""
        return self.says is not None or self.writes is not None

    @property
    def what(self) -> str:
        """What the step is called that says no clip."""
        if self.writes is not None:
            return "message"
        return self.leaves or ("mute" if self.muted else self.sound)


def kinds(script: Sequence[ScriptStep]) -> tuple[StepKind, ...]:
    """Tell what each step is for."""
    return tuple(_kind(step, following) for step, following in pairwise((*script, None)) if step is not None)


def judged_kinds(script: Sequence[ScriptStep]) -> tuple[StepKind, ...]:
    """Tell by what each step is judged: by what its script expects, where that says it."""
    return tuple(
        kind if step.expects is None else "expected" for step, kind in zip(script, kinds(script), strict=True)
    )


def vanishes(script: Sequence[ScriptStep]) -> bool:
    """Whether the caller vanishes in the end, and needs a process for that."""
    return any(step.leaves == "vanish" for step in script)


def _kind(step: ScriptStep, following: ScriptStep | None) -> StepKind:
    if step.leaves is not None:
        return step.leaves
    if step.writes is not None:
        return "message"
    if step.says is None:
        return "quiet" if step.into_reply_s is None else "disturbance"
    if step.into_reply_s is not None:
        return "interruption"
    if following is not None and following.into_reply_s is not None:
        return "opening"
    return "pause" if step.pause_s else "turn"


def expected_s(script: Sequence[ScriptStep]) -> float:
    """About how long a script takes when every reply comes soon."""
    seconds = {
        "turn": SPEECH_S + _REPLY_S + AFTER_TURN_S,
        "opening": SPEECH_S + 0.5,
        "pause": SPEECH_S + _REPLY_S + LISTEN_S,
        "interruption": SPEECH_S + _REPLY_S + AFTER_TURN_S,
        "disturbance": SPEECH_S + LISTEN_S,
        "quiet": 0.0,
        "message": _REPLY_S + AFTER_TURN_S,
    }
    steps = zip(kinds(script), script, strict=True)
    return sum(
        seconds.get(kind, 0.0)
        + step.pause_s
        + (step.into_reply_s or 0.0)
        + (step.for_s if kind == "quiet" else 0.0)
        for kind, step in steps
    )
