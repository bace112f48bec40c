"""Whether the watched processes took part in the calls."""

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import MB, Run
from voicegate.judge.criterion import Criterion, Need
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, LOAD_CRITERIA, Limits, Rules, all_criteria
from voicegate.measure.calls import calls_in_order
from voicegate.measure.taking_part import elsewhere
from voicegate.record.events import MemorySample, ProcessMemory, Recording

GOOD = Run().recording()
Facts = Callable[[float, ProcessMemory], ProcessMemory]


def with_facts(recording: Recording, facts: Facts) -> Recording:
    """Write down more about every process, in the variants too."""
    memory = tuple(
        replace(sample, processes=tuple(facts(sample.t, one) for one in sample.processes))
        for sample in recording.memory
    )
    variants = {name: with_facts(variant, facts) for name, variant in recording.variants.items()}
    return replace(recording, memory=memory, variants=variants)


def sockets(count: int | None) -> Facts:
    """Give the main process so many sockets that may carry calls, and others none."""
    return lambda _, one: replace(one, call_sockets=count if one.role == "main" else 0)


def working(cores: float) -> Facts:
    """Let the main process hold a socket and use so many cores."""
    return lambda t, one: replace(one, call_sockets=1, cpu_s=cores * t if one.role == "main" else 0.0)


def test_processes_that_took_part_are_the_agents() -> None:
    """One socket in one process is enough, where processor time was used too, or not read."""
    assert elsewhere(with_facts(GOOD, sockets(1))) == ()
    assert elsewhere(with_facts(GOOD, working(0.1))) == ()


def test_processes_without_a_socket_for_calls_are_not_the_agents() -> None:
    """The reason names the programs that were watched in its place."""
    (caveat,) = elsewhere(with_facts(GOOD, sockets(0)))
    assert caveat.reason == (
        "the watched processes (python) had no UDP socket and no connection to the LiveKit server in any call:"
        " the agent is elsewhere"
    )


@pytest.mark.parametrize(("cores", "is_elsewhere"), [(0.0, True), (0.004, True), (0.03, False)])
def test_processes_that_hardly_work_are_not_the_agents(cores: float, is_elsewhere: bool) -> None:
    """Whatever sockets they have: a client may be connected to a server of its own on the same port."""
    assert bool(elsewhere(with_facts(GOOD, working(cores)))) is is_elsewhere


def test_what_they_do_between_calls_makes_them_no_agent() -> None:
    """A client may work before and after."""
    quiet_t = next(phase.t for phase in GOOD.phases if phase.name == "after-second") + 2.0
    between = with_facts(
        GOOD,
        lambda t, one: replace(
            one, call_sockets=1, cpu_s=50.0 if one.role == "main" and t > quiet_t else 0.0
        ),
    )
    assert elsewhere(between)


def test_each_call_takes_its_part() -> None:
    """What is nothing for each of five callers is no work, also where it adds up."""
    calls = calls_in_order(GOOD)
    looks = [sample.t for sample in GOOD.memory]
    used_s = list(accumulate(0.004 * 0.5 * sum(call.up_at(t) for call in calls) for t in looks))
    at = dict(zip(looks, used_s, strict=True))
    crowd = with_facts(
        replace(GOOD, variants={}),
        lambda t, one: replace(one, call_sockets=1, cpu_s=at[t] if one.role == "main" else 0.0),
    )
    assert elsewhere(crowd)


@pytest.mark.parametrize(
    "recording",
    [
        GOOD,
        with_facts(GOOD, sockets(None)),
        with_facts(replace(GOOD, calls=()), sockets(0)),
        with_facts(replace(GOOD, memory=GOOD.memory[:14]), sockets(0)),
        replace(GOOD, memory=tuple(MemorySample(one.t, 0.05, ()) for one in GOOD.memory)),
    ],
    ids=["old", "unreadable", "no-calls", "few-samples", "no-processes"],
)
def test_nobody_knows_without_facts(recording: Recording) -> None:
    """Sockets that were not read, and calls that did not take place, accuse nobody."""
    assert elsewhere(recording) == ()


@pytest.mark.parametrize("criterion", all_criteria(), ids=lambda one: str(one.id))
def test_nothing_about_memory_and_processes_is_judged_of_a_client(criterion: Criterion[Limits]) -> None:
    """All of that is an error that says what to do, whatever was measured; the rest is judged as ever."""
    made = LoadRun().recording() if criterion in LOAD_CRITERIA else Run(leak_bytes=20 * MB).recording()
    before = criterion(made, Rules())
    finding = criterion(with_facts(made, sockets(0)), Rules())
    if Need.PROCESSES in criterion.needs:
        assert finding.status is Status.ERROR
        assert "no connection to the LiveKit server" in finding.reason
        assert "running = true" in finding.advice
    else:
        assert finding == before


@pytest.mark.parametrize("name", ["G6-forced-gc", "G10-benefit"])
def test_a_variant_may_be_the_only_client(name: str) -> None:
    """Its own criterion is an error then, and no other."""
    (criterion,) = (one for one in CRITERIA if one.id == name)
    good = with_facts(GOOD, sockets(1))
    variants = {variant: with_facts(recording, sockets(0)) for variant, recording in good.variants.items()}
    finding = criterion(replace(good, variants=variants), Rules())
    assert finding.status is Status.ERROR
    assert "the agent is elsewhere" in finding.reason
