"""What kept an agent from more calls, at every edge of the rule."""

from dataclasses import replace

import pytest
from voicegate.capacity.bottleneck import BUSY_PROCESS_CORES, FULL, Signs, find_bottleneck
from voicegate.measure.processor_usage import Usage
from voicegate.measure.stalls import BUSY_CORES
from voicegate.record.events import CallerProcessSample

AGENT = {"main": 0.2, "model-host": 1.2, "job": 0.2}
OTHERS = {"callers": 0.1, "gate": 0.05, "livekit-server": 0.1, "elsewhere": 0.0}
LATE = "the callers' own process was late in 3 of 20 looks, by up to 0.40 s"


def usage(busy: float = 2 * FULL, agent: dict[str, float] | None = None, **others: float) -> Usage:
    """Make what was used, of two cores."""
    agent = AGENT if agent is None else agent
    busiest = max(agent.items(), key=lambda item: item[1], default=None)
    named = {name.replace("_", "-"): cores for name, cores in others.items()}
    return Usage(agent, busiest, OTHERS | named, 2.0, busy)


def signs(used: Usage, broken: tuple[str, ...] = ("L2",), late: str | None = None) -> Signs:
    """Make the signs of a level whose callers kept up."""
    return Signs(frozenset(broken), used, looks(0.1), late)


def looks(*cores: float) -> tuple[CallerProcessSample, ...]:
    """Make a look at the callers for each of these."""
    return tuple(CallerProcessSample(float(t), "callers-1", 4, one, 0.01) for t, one in enumerate(cores))


def test_all_processors_in_use_is_cpu_and_names_who_used_most() -> None:
    """The role, out of how many cores, and what the whole agent used."""
    found = find_bottleneck(signs(usage()))
    assert found.kind == "agent-cpu"
    assert found.text.startswith(
        "CPU: while callers waited, the model host used 1.2 of 2 cores, the whole agent 1.6"
    )
    jobs = find_bottleneck(signs(usage(agent={"model-host": 0.4, "job": 1.1})))
    assert "the processes of calls used 1.1" in jobs.text


@pytest.mark.parametrize(("busy", "kind"), [(2 * FULL, "agent-cpu"), (2 * FULL - 0.01, "one-process")])
def test_full_begins_at_its_limit(busy: float, kind: str) -> None:
    """At that part of all cores, not before."""
    assert find_bottleneck(signs(usage(busy))).kind == kind


@pytest.mark.parametrize(
    ("cores", "kind"), [(BUSY_PROCESS_CORES, "one-process"), (BUSY_PROCESS_CORES - 0.01, "queue")]
)
def test_a_process_with_a_whole_core_is_told_from_a_queue(cores: float, kind: str) -> None:
    """With cores free, it is the one process that cannot use more, or nobody who works at all."""
    found = find_bottleneck(signs(usage(1.2, {"main": cores, "model-host": 0.1})))
    assert found.kind == kind
    assert "0.8 of 2 cores were free" in found.text
    assert ("the main process" in found.text) is (kind == "one-process")


@pytest.mark.parametrize(("callers", "kind"), [(1.45, "agent-cpu"), (1.55, "callers")])
def test_callers_who_take_more_than_the_agent_are_the_limit(callers: float, kind: str) -> None:
    """They and the gate together, as soon as they use as much as the whole agent (1.6 here)."""
    found = find_bottleneck(signs(usage(2.0, callers=callers)))
    assert found.kind == kind
    assert "the callers" in found.text


def test_others_who_take_more_than_the_agent_are_the_limit() -> None:
    """A server that fills the machine, or work that is no part of the run."""
    assert find_bottleneck(signs(usage(2.0, livekit_server=1.7))).kind == "server-cpu"
    found = find_bottleneck(signs(usage(2.0, elsewhere=1.7)))
    assert found.kind == "other-work"
    assert found.text == "while callers waited, other work on the machine took 1.7 of 2 cores, the agent 1.6"


def test_late_callers_with_processors_free_are_the_limit() -> None:
    """Nothing kept them but themselves; on a full machine it was the agent, and they are mentioned."""
    assert find_bottleneck(signs(usage(1.0), late=LATE)).kind == "callers"
    full = find_bottleneck(signs(usage(), late=LATE))
    assert full.kind == "agent-cpu"
    assert full.text.endswith("the callers were late too")


@pytest.mark.parametrize(
    ("cores", "kind"),
    [
        ((BUSY_CORES + 0.01,) * 2 + (0.1,) * 18, "callers"),
        ((BUSY_CORES + 0.01,) + (0.1,) * 19, "agent-cpu"),
        ((BUSY_CORES,) * 20, "agent-cpu"),
        ((), "agent-cpu"),
    ],
)
def test_callers_with_no_core_left_are_the_limit_whatever_else(cores: tuple[float, ...], kind: str) -> None:
    """In more than one of twenty looks."""
    assert find_bottleneck(replace(signs(usage()), looks=looks(*cores))).kind == kind


def test_memory_alone_is_memory() -> None:
    """With waits too long besides, it is what made them long."""
    assert find_bottleneck(signs(usage(), ("L5",))).kind == "memory"
    assert find_bottleneck(signs(usage(), ("L2", "L5"))).kind == "agent-cpu"


@pytest.mark.parametrize(("unanswered", "kind"), [(3, "admission"), (2, "agent-cpu")])
def test_calls_that_no_agent_took_are_told(unanswered: int, kind: str) -> None:
    """When they are more than half of those that failed, and nothing else is wrong."""
    refused = replace(signs(usage(), ("L1",)), failed=4, unanswered=unanswered)
    assert find_bottleneck(refused).kind == kind


def test_calls_that_failed_on_their_own_side_blame_the_callers_where_cores_were_free() -> None:
    """Where none were, whoever filled them held the callers up as well."""
    assert find_bottleneck(replace(signs(usage(1.2)), failed=1, own_fault=1)).kind == "callers"
    assert find_bottleneck(replace(signs(usage(2.0)), failed=1, own_fault=1)).kind == "agent-cpu"


def test_without_measurements_nobody_is_blamed() -> None:
    """An agent that is not watched."""
    assert find_bottleneck(signs(Usage())).kind == "unknown"
    assert find_bottleneck(signs(usage(1.0, {}))).kind == "unknown"
