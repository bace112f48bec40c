"""Recordings with a scripted call, and what an agent does wrong in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from voicegate.names import StepKind
from voicegate.record.events import CallSound, Fault, PlannedPhase, Recording
from voicegate.testing import MadeUpRun
from voicegate.testing.made_up_conversation import (
    INTO_REPLY_S,
    KINDS,
    PAUSE_AT_S,
    PAUSE_S,
    REPLY_S,
    SAID_S,
    WAIT_S,
    MadeUpConversation,
)

__all__ = [
    "DISTURBANCE",
    "EXPECTED",
    "INTERRUPTION",
    "INTO_REPLY_S",
    "KINDS",
    "OPENING",
    "PAUSE",
    "PAUSE_AT_S",
    "PAUSE_S",
    "QUIET",
    "REPLY_S",
    "SAID_S",
    "SCRIPTED",
    "TURN",
    "WAIT_S",
    "conversation",
    "failed",
    "planned",
    "with_sound",
]

SCRIPTED = ("T2", "T3", "T4", "T5", "T7", "T8")
"""The criteria that only a call with scripted steps shows anything of."""

OPENING, DISTURBANCE, INTERRUPTION = (
    KINDS.index("interruption") - 1,
    KINDS.index("disturbance"),
    KINDS.index("interruption"),
)
PAUSE, QUIET, TURN = KINDS.index("pause"), KINDS.index("quiet"), KINDS.index("turn")
EXPECTED = KINDS.index("expected")

_HEALTHY = MadeUpRun(conversation=True).recording()


def conversation(
    heard: Mapping[int, Sequence[tuple[float, float]]] | None = None, replies: Mapping[int, str] | None = None
) -> Recording:
    """Make a run with a conversation; in the steps with these indices the agent is heard, or answers, otherwise."""
    (sound,) = _HEALTHY.sounds
    script = MadeUpConversation(sound.call, sound.t, heard or {}, replies or {})
    return replace(_HEALTHY, steps=script.steps, sounds=(script.sound(),), scripted=script.turns)


def with_sound(recording: Recording, sound: CallSound | None) -> Recording:
    """Give the scripted call another sound, or none."""
    return replace(recording, sounds=() if sound is None else (sound,))


def planned(recording: Recording, *kinds: StepKind) -> Recording:
    """Let a recording say which steps its scripted calls were to have."""
    phase = PlannedPhase("conversation", 1, steps=kinds)
    return replace(recording, header=replace(recording.header, planned=(phase,)))


def failed(recording: Recording, fault: Fault, steps: int) -> Recording:
    """Let the scripted call break off after so many steps, by this fault."""
    (sound,) = recording.sounds
    last_t = recording.steps[steps - 1].over_t
    calls = tuple(
        replace(event, t=last_t + 0.1, step="failed", detail="it stopped", fault=fault)
        if event.call == sound.call and event.step == "hung_up"
        else event
        for event in recording.calls
    )
    kept = {step.turn for step in recording.steps[:steps]}
    return replace(
        recording,
        calls=calls,
        steps=recording.steps[:steps],
        scripted=tuple(turn for turn in recording.scripted if turn.index in kept),
    )
