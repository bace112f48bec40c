"""When a load run need not go on: a limit that is broken for certain, whatever its callers may still meet.

A share (calls that fail, waits that are too long) is broken for certain when it would be too large even if everything that can
still come went well. That needs a bound on what can come, which a run has that ends at a set time. The total memory is broken with
the first sample over its limit. L4 judges medians, and anything may still change them. What a stall explains, of the machine or of the
callers, is not certainly the agent's doing: it may still come out as an ERROR, and so ends no run.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, inf

from voicegate.judge.criterion import short_id
from voicegate.judge.load.turns import targets
from voicegate.judge.registry import Rules
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import tree_pss
from voicegate.measure.stalls import Stall, explained_s, explains_failure, is_busy, wait_despite
from voicegate.quantity import format_bytes
from voicegate.record.events import (
    CallerProcessSample,
    CallEvent,
    Event,
    Header,
    MemorySample,
    Recording,
    Turn,
)

SHORTEST_TURN_S = 1.2
"""An answered turn takes a caller longer: so long the reply must have been over before it counts as a whole."""

MOST_TURNS = 3
"""So many turns a call has at most."""

SETTLED_S = 5.0
"""So long after a call is over it is known whether a stall touched it: callers look after themselves every 2 s."""

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
class _Stalls:
    """When the machine or the callers were late, as far as events tell so far: rather too often than too rarely."""

    stall_s: float
    found: list[Stall] = field(default_factory=list)
    _looks: dict[str, float] = field(default_factory=dict)
    _last: MemorySample | None = None
    _gaps_s: list[float] = field(default_factory=list)
    _took_s: list[float] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Follow the looks at callers, and the samples of memory."""
        if isinstance(event, CallerProcessSample):
            begin_t = self._looks.get(event.process, 0.0)
            if event.lag_s > self.stall_s or is_busy(event):
                self.found.append(Stall(begin_t, event.t, event.lag_s, "callers"))
            self._looks[event.process] = event.t
        elif isinstance(event, MemorySample):
            if self._last is not None:
                self._take_pair(self._last, event)
            self._last = event

    def _take_pair(self, before: MemorySample, after: MemorySample) -> None:
        """Hold two samples against the pace so far."""
        gap_s, took_s = after.t - before.t, before.duration_s
        insort(self._gaps_s, gap_s)
        insort(self._took_s, took_s)
        usual_s, usually_took_s = (values[len(values) // 2] for values in (self._gaps_s, self._took_s))
        late_s = max(gap_s - usual_s, took_s - usually_took_s)
        if late_s > self.stall_s:
            self.found.append(
                Stall(
                    before.t,
                    max(after.t, before.t + took_s),
                    late_s,
                    stopped_s=max(0.0, gap_s - usual_s, took_s - usual_s),
                )
            )


@dataclass(slots=True)
class EarlyStop:
    """Follows the events of a load run. A call counts some seconds after it is over, when it is known whose fault its failures were."""

    rules: Rules
    _open: dict[str, tuple[list[CallEvent], list[Turn]]] = field(default_factory=dict)
    _calls: _Share = field(init=False)
    _joins: _Share = field(init=False)
    _unanswered: _Share = field(init=False)
    _waits: list[tuple[float, _Share]] = field(init=False)
    _most_bytes: int = 0
    _over: list[Call] = field(default_factory=list)
    _stalls: _Stalls = field(init=False)

    def __post_init__(self) -> None:
        limits = self.rules.limits
        self._stalls = _Stalls(limits.stall_s)
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
        self._stalls.take(event)
        if isinstance(event, MemorySample) and event.complete and event.processes:
            self._most_bytes = max(self._most_bytes, tree_pss(event))
        elif isinstance(event, Turn):
            self._open.setdefault(event.call, ([], []))[1].append(event)
        elif isinstance(event, CallEvent):
            steps, turns = self._open.setdefault(event.call, ([], []))
            steps.append(event)
            if event.step == "hung_up":
                del self._open[event.call]
                self._over += calls_in_order(Recording(_NOBODY, calls=tuple(steps), turns=tuple(turns)))

    def broken(self, plan: Plan | None, t: float) -> str | None:
        """Say which criterion must fail whatever comes after `t`; None as long as none must, or no plan bounds what comes."""
        self._count_settled(t)
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
        calls = plan.calls_to_come(t) + len(self._over)
        turns = plan.turns_to_come(t) + sum(len(call.turns) for call in self._over)
        shares = [(self._calls, calls), (self._joins, calls), (self._unanswered, turns)]
        for share, to_come in shares + [(share, turns) for _, share in self._waits]:
            if (reason := share.broken(to_come)) is not None:
                yield share.id, reason

    def _count_settled(self, t: float) -> None:
        over, self._over = self._over, []
        for call in over:
            if call.until_t + SETTLED_S > t:
                self._over.append(call)
            else:
                self._count(call, self._stalls.found)

    def _count(self, call: Call, stalls: Sequence[Stall]) -> None:
        """Count a call; what stalls explain of it is not bad."""
        if call.speaks_of_agent:
            self._calls.add(bad=call.failure is not None and not explains_failure(call, stalls))
        if call.audio_t is not None:
            join_s = call.audio_t - call.dialed_t - explained_s(call.dialed_t, call.audio_t, stalls)
            self._joins.add(bad=join_s > self.rules.limits.load_join_s)
        elif call.fault == "agent":
            self._joins.add(bad=True)
        for wait_s in (wait_despite(turn, stalls) for turn in call.turns):
            self._unanswered.add(bad=wait_s == inf)
            for limit_s, share in self._waits:
                share.add(bad=wait_s is not None and wait_s > limit_s)
