"""The calls of a recording: who called when, in which room and phase, and whether an agent answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from voicegate.measure.caveats import Caveat, NotMeasured
from voicegate.measure.phases import Part, cut_off
from voicegate.record.events import GONE, CallEvent, Fault, Recording, Turn

_ENDS = (*GONE, "agent_left", "failed")
_OWNERS: dict[Fault, tuple[str, str]] = {
    "server": ("the LiveKit server", "see in livekit-server.log beside the report what happened"),
    "caller": ("the gate's own caller", "see in the gate's output, or locust.log, what ended them"),
    "caller-process": (
        "the process of the gate's callers",
        "see in locust.log beside the report what ended it",
    ),
}

_LEAVING_SINCE = 9  # version of recordings that say when a caller began to leave
_LATE_S = 1.0  # how much later older ones may say it


@dataclass(frozen=True, slots=True)
class Call:
    """One call; times are None for steps that did not happen. `fault` says whose doing a failure was.

    An agent that leaves before its caller does so fails the call, unless the caller had said goodbye. It was `cut_short` if it ended before its caller did so, for whatever
    reason but his goodbye. The last turn of a call that failed by no fault of the agent's was perhaps cut off, and is left out of `turns`.
    """

    name: str
    room: str
    phase: str
    dialed_t: float
    answered_t: float | None
    audio_t: float | None
    left_t: float | None
    failure: str | None
    advice: str | None
    fault: Fault | None
    turns: tuple[Turn, ...]
    cut_short: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the call ended within the recording."""
        return self.left_t is not None

    @property
    def until_t(self) -> float:
        """When it ended, or never."""
        return float("inf") if self.left_t is None else self.left_t

    @property
    def broken_off(self) -> bool:
        """Whether it ended with the run, which says nothing about anybody."""
        return self.fault == "run"

    @property
    def failed_by_others(self) -> bool:
        """Whether the server or the gate's own callers ended it, which says nothing about the agent."""
        return self.fault in _OWNERS

    @property
    def speaks_of_agent(self) -> bool:
        """Whether how it came out is the agent's doing: it went well, or the agent failed it."""
        return self.fault in (None, "agent")

    def up_at(self, t: float) -> bool:
        """Whether caller and agent were both in the room at this time."""
        return self.answered_t is not None and self.answered_t <= t < self.until_t


def calls_in_order(recording: Recording) -> tuple[Call, ...]:
    """All calls in the order they were dialed. Raises NotMeasured when there are none."""
    turns: dict[str, list[Turn]] = {}
    for turn in recording.turns:
        turns.setdefault(turn.call, []).append(turn)
    farewells = {
        turn.call: turn.speech_start_t for turn in (*recording.turns, *recording.scripted) if turn.goodbye
    }
    by_call = sorted(recording.calls, key=lambda event: event.call)
    calls = [
        _call(list(events), turns, farewells, _LATE_S if recording.header.version < _LEAVING_SINCE else 0.0)
        for _, events in groupby(by_call, key=lambda event: event.call)
    ]
    if not calls:
        caveats = cut_off(recording)
        raise NotMeasured(
            f"no calls were recorded{': ' + caveats[0].reason if caveats else ''}",
            "see in the agent's and the server's log why no caller got through, and run again",
        )
    return tuple(sorted(calls, key=lambda call: call.dialed_t))


def _call(
    events: Sequence[CallEvent],
    turns: Mapping[str, Sequence[Turn]],
    farewells: Mapping[str, float],
    late_s: float,
) -> Call:
    events = sorted(events, key=lambda event: event.t)
    at: dict[str, CallEvent] = {}
    for event in events:
        at.setdefault(event.step, event)
    failed = at.get("failed")
    ended = min((at[step] for step in _ENDS if step in at), default=None, key=lambda event: event.t)
    answered = at.get("agent_joined") or at.get("agent_audio")
    spoken = tuple(turns.get(events[0].call, ()))
    goodbye_t = farewells.get(events[0].call)
    early = None if failed else _left_early(at, goodbye_t, late_s)
    fault: Fault | None = (failed.fault or "agent") if failed else "agent" if early else None
    return Call(
        name=events[0].call,
        room=events[0].room,
        phase=events[0].phase,
        dialed_t=events[0].t,
        answered_t=answered.t if answered else None,
        audio_t=at["agent_audio"].t if "agent_audio" in at else None,
        left_t=ended.t if ended else None,
        cut_short=ended is not None
        and (ended.step == "failed" or (ended.step == "agent_left" and not _is_after(ended, goodbye_t))),
        failure=(failed.detail or "failed") if failed else early,
        advice=failed.advice if failed else None,
        fault=fault,
        turns=spoken if fault in (None, "agent") else spoken[:-1],
    )


def _is_after(left: CallEvent, goodbye_t: float | None) -> bool:
    return goodbye_t is not None and goodbye_t < left.t


def _left_early(at: Mapping[str, CallEvent], goodbye_t: float | None, late_s: float) -> str | None:
    """Say how much earlier than its caller the agent left, or closed the room; None if it did not, or the caller had said goodbye.

    The caller's end may be told so much too late.
    """
    left, gone = at.get("agent_left"), min((at[step].t for step in GONE if step in at), default=None)
    if left is None or gone is None or gone <= left.t + late_s or _is_after(left, goodbye_t):
        return None
    return f"the agent left the call {gone - left.t:.1f} s before its caller hung up"


def first_callers(calls: Sequence[Call]) -> tuple[Sequence[Call], float]:
    """Find the calls of the first phase that has any, and when somebody dials in a later phase."""
    own = [call for call in calls if call.phase == calls[0].phase]
    return own, min((call.dialed_t for call in calls if call.phase != calls[0].phase), default=float("inf"))


def failed_by_others(calls: Iterable[Call]) -> tuple[Caveat, ...]:
    """Return a caveat for each of the server and the gate's own callers that failed calls."""
    caveats = []
    failed = [call for call in calls if call.failed_by_others]
    for owner, (name, advice) in _OWNERS.items():
        own = [call for call in failed if call.fault == owner]
        if own:
            reason = f"calls that failed because of {name}, not of the agent: {len(own)} ({own[0].failure})"
            caveats.append(Caveat(reason, f"{advice}, and run again"))
    return tuple(caveats)


def untold(calls: Sequence[Call]) -> tuple[Caveat, ...]:
    """Return a caveat if calls have no turns to show: others ended them, or nothing of what was said is recorded."""
    mute = [call for call in calls if call.fault is None and call.answered_t is not None and not call.turns]
    said_nothing = Caveat(
        f"calls without a recorded turn: {len(mute)} ({mute[0].name})" if mute else "",
        "see in the agent's log why these calls came to no turn",
    )
    return (*failed_by_others(calls), *([said_nothing] if mute else []))


def lost_events(recording: Recording) -> tuple[Caveat, ...]:
    """Return a caveat if events of calls are missing, because others may be missing too. A call that was due and never came has no begin."""
    if not recording.calls or cut_off(recording):
        return ()
    steps: dict[str, set[str]] = {}
    for event in recording.calls:
        steps.setdefault(event.call, set()).add(event.step)
    unbegun = [call for call, own in steps.items() if "dialed" not in own and own != {"failed"}]
    endless = [call for call, own in steps.items() if own.isdisjoint(_ENDS)]
    begun = [] if recording.header.of_load else [phase for phase in recording.phases if phase.edge == "begin"]
    planned = sum(phase.concurrent_calls for phase in begun)
    lost = [
        *(
            f"calls of which no {what} was recorded: {len(names)} ({names[0]})"
            for what, names in (("begin", unbegun), ("end", endless))
            if names
        ),
        *([f"{len(steps)} of {planned} calls were recorded"] if len(steps) < planned else []),
    ]
    return tuple(map(Caveat, lost))


def that_reached_agent(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Leave out calls of which the agent never knew, as the server or their own caller failed before it came."""
    return tuple(call for call in calls if call.answered_t is not None or not call.failed_by_others)


SECOND_CALL = Part(
    "second call",
    lambda recording: len(that_reached_agent(calls_in_order(recording))) > 1,
    in_phases=False,
)


def every_call(calls: Sequence[Call]) -> Iterable[Call]:
    """Choose all calls."""
    return calls


def check_first_call(recording: Recording) -> None:
    """Raise NotMeasured when nobody answered the first call: what comes after it is held against its level."""
    callers, _ = first_callers(calls_in_order(recording))
    if all(call.answered_t is None for call in callers):
        caveat = (failed_by_others(callers) or unanswered(callers))[0]
        raise NotMeasured(f"nobody answered the first call: {caveat.reason}", caveat.advice)


def why_failed(calls: Iterable[Call]) -> Caveat | None:
    """Tell the most frequent failure of calls, how often it was, and what the logs say is to be done about it."""
    failed = [call for call in calls if call.failure is not None]
    if not failed:
        return None
    ((failure, count),) = Counter(call.failure for call in failed).most_common(1)
    advice = next((call.advice for call in failed if call.failure == failure and call.advice), "")
    return Caveat(f"{failure} ({count} of the {len(failed)})" if len(failed) > 1 else f"{failure}", advice)


def nobody_spoke(calls: Iterable[Call]) -> NotMeasured:
    """Make what to raise when no call came to a turn; it names whose fault that was, if not the agent's."""
    reason = "nobody spoke in any call"
    for caveat in failed_by_others(calls):
        return NotMeasured(f"{reason}: {caveat.reason}", caveat.advice)
    return NotMeasured(reason, "see in the agent's log why no call came to a turn")


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


def unanswered(calls: Iterable[Call]) -> tuple[Caveat, ...]:
    """Return a caveat on what the log says about calls that no agent answered."""
    return tuple(
        Caveat(
            f"{call.name} was not answered by an agent{': ' + call.failure if call.failure else ''}",
            call.advice or "see in the agent's log why it did not take the call",
        )
        for call in calls
        if call.answered_t is None
    )


def by_turn(calls: Iterable[Call]) -> Iterable[tuple[Call, Turn]]:
    """Walk over every turn with its call."""
    return ((call, turn) for call in calls for turn in call.turns)
