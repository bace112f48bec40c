"""When a load run need not go on: a limit that is broken for certain, whatever its callers may still meet.

A share (calls that fail, waits that are too long) is broken for certain when it would be too large even if everything that can
still come went well. That needs a bound on what can come, which a run has that ends at a set time. The total memory is broken with
the first sample over its limit. L4 is a slope, and anything may still change it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, inf

from voicegate.judge.criterion import short_id
from voicegate.judge.load.turns import targets
from voicegate.judge.registry import Rules
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import tree_pss
from voicegate.measure.waits import wait_of
from voicegate.quantity import format_bytes
from voicegate.record.events import CallEvent, Event, Header, MemorySample, Recording, Turn

SHORTEST_TURN_S = 1.2
"""An answered turn takes a caller longer: so long the reply must have been over before it counts as a whole."""

MOST_TURNS = 3
"""So many turns a call has at most."""

_NOBODY = Header("", "", "", (), None, {})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load run is asked for: at most `callers` at once, until `end_t`; with `arrivals_per_s` so many calls a second."""

    callers: int
    end_t: float
    arrivals_per_s: float | None = None

    def calls_to_come(self, t: float) -> int:
        """Return how many calls can end well after `t`, at most: those that are going on, and all that may begin."""
        closed = self._per_caller(t)
        if self.arrivals_per_s is None:
            return closed
        return min(closed, self.callers + 1 + ceil(self._left_s(t) * self.arrivals_per_s))

    def turns_to_come(self, t: float) -> int:
        """Return how many turns can be answered after `t`, at most."""
        return min(self._per_caller(t), MOST_TURNS * self.calls_to_come(t))

    def _per_caller(self, t: float) -> int:
        return self.callers * (2 + ceil(self._left_s(t) / SHORTEST_TURN_S))

    def _left_s(self, t: float) -> float:
        return max(0.0, self.end_t - t)


@dataclass(slots=True)
class _Share:
    """How many of the values that were `seen` are bad, and which part of all of them may be."""

    id: str
    what: str
    allowed: float
    bad: int = 0
    seen: int = 0

    def add(self, *, bad: bool) -> None:
        self.bad += bad
        self.seen += 1

    def broken(self, to_come: int) -> str | None:
        if not self.bad or self.bad / (self.seen + to_come) <= self.allowed:
            return None
        return f"{self.id} can no longer be met: {self.what}: {self.bad} of {self.seen}, and at most {to_come} more can come"


@dataclass(slots=True)
class EarlyStop:
    """Follows the events of a load run. A call counts when it is over, so that whose fault it was is known."""

    rules: Rules
    _open: dict[str, tuple[list[CallEvent], list[Turn]]] = field(default_factory=dict)
    _calls: _Share = field(init=False)
    _joins: _Share = field(init=False)
    _unanswered: _Share = field(init=False)
    _waits: list[tuple[float, _Share]] = field(init=False)
    _most_bytes: int = 0

    def __post_init__(self) -> None:
        limits = self.rules.limits
        self._calls = _Share("L1", "calls that failed", limits.load_failed_calls)
        self._joins = _Share(
            "L3", f"callers who waited more than {limits.load_join_s:g} s for the agent", 0.05
        )
        self._unanswered = _Share("L2", "turns without a reply", limits.load_failed_calls)
        self._waits = [
            (
                one.limit_s,
                _Share(
                    "L2",
                    f"p{one.percent}: replies after more than {one.limit_s:g} s",
                    (100 - one.percent) / 100,
                ),
            )
            for one in targets(limits)
        ]

    def take(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, MemorySample) and event.complete and event.processes:
            self._most_bytes = max(self._most_bytes, tree_pss(event))
        elif isinstance(event, Turn):
            self._open.setdefault(event.call, ([], []))[1].append(event)
        elif isinstance(event, CallEvent):
            steps, turns = self._open.setdefault(event.call, ([], []))
            steps.append(event)
            if event.step == "hung_up":
                del self._open[event.call]
                self._count(*calls_in_order(Recording(_NOBODY, calls=tuple(steps), turns=tuple(turns))))

    def broken(self, plan: Plan | None, t: float) -> str | None:
        """Say which criterion must fail whatever comes after `t`; None as long as none must, or no plan bounds what comes."""
        left_out = {short_id(id_) for id_ in self.rules.disabled}
        return next((reason for id_, reason in self._reasons(plan, t) if id_ not in left_out), None)

    def _reasons(self, plan: Plan | None, t: float) -> Iterator[tuple[str, str]]:
        limit = self.rules.limits.load_total_bytes
        if self._most_bytes >= limit:
            yield (
                "L5",
                f"L5 can no longer be met: {format_bytes(self._most_bytes)} in all, must be < {format_bytes(limit)}",
            )
        if plan is None:
            return
        calls, turns = plan.calls_to_come(t), plan.turns_to_come(t)
        shares = [(self._calls, calls), (self._joins, calls), (self._unanswered, turns)]
        for share, to_come in shares + [(share, turns) for _, share in self._waits]:
            if (reason := share.broken(to_come)) is not None:
                yield share.id, reason

    def _count(self, call: Call) -> None:
        if call.speaks_of_agent:
            self._calls.add(bad=call.failure is not None)
        if call.audio_t is not None:
            self._joins.add(bad=call.audio_t - call.dialed_t > self.rules.limits.load_join_s)
        elif call.fault == "agent":
            self._joins.add(bad=True)
        for wait_s in map(wait_of, call.turns):
            self._unanswered.add(bad=wait_s == inf)
            for limit_s, share in self._waits:
                share.add(bad=wait_s > limit_s)
