"""When a load run need not go on: only when a criterion must fail, whatever comes."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import MB
from voicegate.drive.replies import REPLY_QUIET_S
from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Status
from voicegate.judge.load import calls, joins, memory, turns
from voicegate.judge.registry import Limits, Rules
from voicegate.load.early_stop import SETTLED_S, SHORTEST_TURN_S, EarlyStop, Plan
from voicegate.record.events import CallEvent, Event, Fault, Recording

CRITERIA = {short_id(one.id): one for one in (calls.judge, turns.judge, joins.judge, memory.total)}
USERS, RUN_S = 2, 120.0
PLAN = Plan(USERS, RUN_S)


def stopped(recording: Recording, plan: Plan | None = PLAN, rules: Rules | None = None) -> str | None:
    """Play a recording's events in the order they happened; return the first reason to stop."""
    return next(reasons(recording, plan, rules), None)


def reasons(recording: Recording, plan: Plan | None, rules: Rules | None) -> Iterator[str]:
    """Give every reason to stop, with each event."""
    stop = EarlyStop(rules or Rules())
    events: list[Event] = [*recording.calls, *recording.turns, *recording.memory, *recording.callers]
    for event in sorted(events, key=lambda one: one.t):
        stop.take(event)
        if (reason := stop.broken(plan, event.t)) is not None:
            yield reason


def run(**changes: object) -> Recording:
    """Make a recording."""
    return replace(LoadRun(users=USERS, run_s=RUN_S), **changes).recording()  # type: ignore[arg-type]


def with_failed_calls(recording: Recording, count: int, fault: Fault) -> Recording:
    """Let the first calls fail when they are over, by this fault."""
    names = list(dict.fromkeys(event.call for event in recording.calls))[:count]
    events = []
    for event in recording.calls:
        if event.call in names and event.step == "hung_up":
            events.append(CallEvent(event.t, event.call, "failed", event.room, "load", "it failed", fault))
        events.append(event)
    return replace(recording, calls=tuple(events))


def test_a_good_run_is_not_stopped() -> None:
    """Nor one with a single late reply among many that can still come."""
    assert stopped(run()) is None
    assert stopped(run(wait_s=lambda number: 7.0 if number == 0 else 0.7), Plan(USERS, 3600.0)) is None


@pytest.mark.parametrize(
    ("recording", "id_", "says"),
    [
        (with_failed_calls(run(), 6, "agent"), "L1", "calls that failed"),
        (run(wait_s=lambda _: 20.0), "L2", "replies after more than"),
        (run(wait_s=lambda number: None if number < 8 else 0.7), "L2", "turns without a reply"),
        (run(join_s=lambda _: 9.0), "L3", "callers who waited more than 5 s"),
        (run(base_bytes=3100 * MB), "L5", "3.10 GB in all, must be < 3.00 GB"),
    ],
)
def test_what_must_fail_stops_the_run_and_does_fail(recording: Recording, id_: str, says: str) -> None:
    """The reason names the criterion, and the whole recording fails it."""
    reason = stopped(recording)
    assert reason is not None
    assert reason.startswith(f"{id_} can no longer be met: ")
    assert says in reason
    assert CRITERIA[id_](recording, Rules()).status is Status.FAIL


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_is_stopped_would_have_failed(seed: int) -> None:
    """Whatever agent: whenever a run is stopped, the criterion fails with all that came after it too."""
    chance = random.Random(seed)
    bad = chance.random() ** 3

    def wait_s(_: int) -> float | None:
        return chance.choice((4.0, 8.0, 20.0, None)) if chance.random() < bad else 0.7

    joins_s = [9.0 if chance.random() < bad else 0.9 for _ in range(USERS)]
    recording = run(wait_s=wait_s, join_s=lambda user: joins_s[user])
    recording = with_failed_calls(recording, chance.choice((0, 0, 1, 2)), "agent")
    for reason in set(reasons(recording, PLAN, None)):
        assert CRITERIA[reason[:2]](recording, Rules()).status is Status.FAIL, reason


@pytest.mark.parametrize("fault", ["server", "caller", "caller-process", "run"])
def test_faults_of_others_stop_nothing(fault: Fault) -> None:
    """They say nothing about the agent."""
    assert stopped(with_failed_calls(run(), 6, fault)) is None


@pytest.mark.parametrize("changes", [{"lag_s": 0.5}, {"cores": 0.95}])
def test_what_late_callers_met_stops_nothing(changes: dict[str, float]) -> None:
    """It may come out as an ERROR, which more calls would have spared the run."""
    assert stopped(run(wait_s=lambda _: 7.0, join_s=lambda _: 9.0, **changes)) is None
    assert stopped(run(wait_s=lambda _: 7.0, join_s=lambda _: 9.0)) is not None


def test_what_a_stalled_machine_met_stops_nothing() -> None:
    """A sample of memory that comes late shows it, soon after the call; the calls of other times count."""
    recording = run(wait_s=lambda _: 3.5)
    often = tuple(sample for sample in recording.memory if sample.t % 4 > 2)
    assert stopped(replace(recording, memory=often)) is None
    once = tuple(sample for sample in recording.memory if not 10 < sample.t < 12)
    assert stopped(replace(recording, memory=once)) is not None


def test_a_call_counts_when_it_is_known_whether_anything_disturbed_it() -> None:
    """Callers look after themselves now and then only, and they say so late when they are late."""
    assert SETTLED_S > 2 * 2.0


def test_without_a_bound_only_the_memory_is_certain() -> None:
    """A run that goes on until somebody stops it can still become good."""
    assert stopped(run(wait_s=lambda _: None), plan=None) is None
    reason = stopped(run(base_bytes=3100 * MB), plan=None)
    assert reason is not None
    assert reason.startswith("L5")


def test_what_is_not_judged_stops_nothing() -> None:
    """A criterion that is turned off cannot fail."""
    rules = Rules(disabled={"L2-turns": "off"})
    assert stopped(run(wait_s=lambda _: 20.0), rules=rules) is None


def test_the_limits_are_those_of_the_gate_file() -> None:
    """A reply within half a second is not had here."""
    reason = stopped(run(), rules=Rules(Limits(load_turn_p99_s=0.5)))
    assert reason is not None
    assert "p99: replies after more than 0.5 s" in reason


@pytest.mark.parametrize(
    ("plan", "t", "calls_to_come", "turns_to_come"),
    [
        (Plan(2, 60.0), 60.0, 4, 4),
        (Plan(2, 60.0), 70.0, 4, 4),
        (Plan(2, 60.0), 0.0, 104, 104),
        (Plan(10, 60.0, arrivals_per_s=0.5), 0.0, 41, 123),
        (Plan(1, 60.0, arrivals_per_s=50.0), 0.0, 52, 52),
    ],
)
def test_what_can_come_is_bounded(plan: Plan, t: float, calls_to_come: int, turns_to_come: int) -> None:
    """By the callers and the time that is left; with open arrivals by these, too."""
    assert plan.calls_to_come(t) == calls_to_come
    assert plan.turns_to_come(t) == turns_to_come


def test_no_caller_can_be_quicker_than_the_bound() -> None:
    """An answered turn lasts at least until its reply has been over for so long."""
    assert SHORTEST_TURN_S <= REPLY_QUIET_S
