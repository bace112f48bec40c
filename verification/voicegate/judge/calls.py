"""The calls of a recording: who called when, in which room and phase, and whether an agent answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from voicegate.judge.criterion import Doubt, NotMeasured
from voicegate.judge.spans import cut_off
from voicegate.record.events import BROKEN_OFF, CALLER_FAULT, CALLER_GONE, CallEvent, Recording, Turn


@dataclass(frozen=True, slots=True)
class Call:
    """One call; times are None for steps that did not happen.

    The last turn of a call that ended with the run was perhaps cut off, and is left out of `turns`.
    """

    name: str
    room: str
    phase: str
    dialed_t: float
    answered_t: float | None
    audio_t: float | None
    left_t: float | None
    failure: str | None
    turns: tuple[Turn, ...]

    @property
    def is_over(self) -> bool:
        """Whether the call ended within the recording."""
        return self.left_t is not None

    @property
    def broken_off(self) -> bool:
        """Whether it ended with the run or with its caller, which says nothing about the agent."""
        return self.failure in (BROKEN_OFF, CALLER_GONE)

    @property
    def failed_by_us(self) -> bool:
        """Whether something on the caller's own side ended it."""
        return self.failure is not None and (
            self.failure == CALLER_GONE or self.failure.startswith(CALLER_FAULT)
        )

    def up_at(self, t: float) -> bool:
        """Whether caller and agent were both in the room at this time."""
        return self.answered_t is not None and self.answered_t <= t < (self.left_t or float("inf"))


def calls_in_order(recording: Recording) -> tuple[Call, ...]:
    """All calls in the order they were dialed. Raises NotMeasured when there are none."""
    turns: dict[str, list[Turn]] = {}
    for turn in recording.turns:
        turns.setdefault(turn.call, []).append(turn)
    by_call = sorted(recording.calls, key=lambda event: event.call)
    calls = [_call(list(events), turns) for _, events in groupby(by_call, key=lambda event: event.call)]
    if not calls:
        doubts = cut_off(recording)
        raise NotMeasured(
            f"no calls were recorded{': ' + doubts[0].reason if doubts else ''}",
            "see in the agent's and the server's log why no caller got through, and run again",
        )
    return tuple(sorted(calls, key=lambda call: call.dialed_t))


def _call(events: Sequence[CallEvent], turns: dict[str, list[Turn]]) -> Call:
    events = sorted(events, key=lambda event: event.t)
    at: dict[str, CallEvent] = {}
    for event in events:
        at.setdefault(event.step, event)
    failed = at.get("failed")
    left = min((at[step].t for step in ("hung_up", "agent_left", "failed") if step in at), default=None)
    answered = at.get("agent_joined") or at.get("agent_audio")
    spoken = tuple(turns.get(events[0].call, ()))
    broken_off = failed is not None and failed.detail in (BROKEN_OFF, CALLER_GONE)
    return Call(
        name=events[0].call,
        room=events[0].room,
        phase=events[0].phase,
        dialed_t=events[0].t,
        answered_t=answered.t if answered else None,
        audio_t=at["agent_audio"].t if "agent_audio" in at else None,
        left_t=left,
        failure=(failed.detail or "failed") if failed else None,
        turns=spoken[:-1] if broken_off else spoken,
    )


def first_callers(calls: Sequence[Call]) -> tuple[Sequence[Call], float]:
    """Find the calls of the first phase that has any, and when somebody dials in a later phase."""
    own = [call for call in calls if call.phase == calls[0].phase]
    return own, min((call.dialed_t for call in calls if call.phase != calls[0].phase), default=float("inf"))


def most_at_once(calls: Iterable[Call]) -> int:
    """Count the largest number of calls that were up at the same time."""
    calls = tuple(calls)
    return max(
        (
            sum(other.up_at(call.answered_t) for other in calls)
            for call in calls
            if call.answered_t is not None
        ),
        default=0,
    )


def unanswered(calls: Iterable[Call]) -> tuple[Doubt, ...]:
    """Doubt what the log says about calls that no agent answered."""
    return tuple(
        Doubt(
            f"{call.name} was not answered by an agent{': ' + call.failure if call.failure else ''}",
            "see in the agent's log why it did not take the call",
        )
        for call in calls
        if call.answered_t is None
    )


def by_turn(calls: Iterable[Call]) -> Iterable[tuple[Call, Turn]]:
    """Walk over every turn with its call."""
    return ((call, turn) for call in calls for turn in call.turns)
