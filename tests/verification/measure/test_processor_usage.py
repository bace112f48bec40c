"""Who used the processors during a stretch."""

from dataclasses import replace

import pytest
from fakes.searches import MadeLevel, search_recording
from voicegate.measure.processor_usage import called, usage_between, usage_during
from voicegate.record.events import CpuSample, MemorySample, ProcessMemory


def process(pid: int, cpu_s: float | None, role: str = "job") -> ProcessMemory:
    """Make a process that has used so much."""
    return ProcessMemory(pid, 1, role, "python", 1, 1, 1, 1, 1, 1, cpu_s)


def sample(t: float, *processes: ProcessMemory) -> MemorySample:
    """Make a sample of these processes."""
    return MemorySample(t, 0.01, processes)


LEVEL = search_recording([MadeLevel(2, elsewhere_cores=0.3)])


def test_cores_are_told_by_role_and_by_name() -> None:
    """What nobody of the run used is used elsewhere."""
    used = usage_between(LEVEL, 20.0, 60.0)
    assert used.agent == pytest.approx({"main": 0.1, "model-host": 0.6, "job": 0.2})
    assert used.agent_total == pytest.approx(0.9)
    assert used.busiest is not None
    assert used.busiest[0] == "model-host"
    assert used.busiest[1] == pytest.approx(0.6)
    assert used.others == pytest.approx(
        {"callers": 0.1, "livekit-server": 0.1, "gate": 0.0, "elsewhere": 0.3}
    )
    assert used.available == 2.0
    assert used.busy == pytest.approx(1.4)


def test_processes_that_come_and_go_count_for_what_they_did() -> None:
    """One that was there before counts from then; one that began in the stretch from its beginning; a rival's end is no loss."""
    recording = replace(
        LEVEL,
        processors=(),
        memory=(
            sample(0, process(1, 50.0)),
            sample(10, process(1, 52.0), process(2, 1.0)),
            sample(15, process(2, 3.0)),
            sample(20, process(2, 4.0), process(3, 1.5), process(4, None)),
            sample(30, process(2, 90.0)),
        ),
    )
    used = usage_between(recording, 5.0, 20.0)
    assert used.agent == {"job": pytest.approx((2.0 + 4.0 + 1.5) / 20)}
    assert used.busiest is not None
    assert used.busiest[1] == pytest.approx(0.2)
    assert (used.others, used.available, used.busy) == ({}, None, None)


def test_only_the_stretches_asked_for_count() -> None:
    """Cores that are full whenever somebody waits, and idle between, are full."""
    looks = tuple(CpuSample(float(t), 2.0, 2.0 * (t // 2), {"callers": 0.0}) for t in range(21))
    memory = tuple(sample(float(t), process(1, 1.5 * (t // 2))) for t in range(21))
    recording = replace(LEVEL, processors=looks, memory=memory)
    mean = usage_between(recording, 0.0, 20.0)
    assert mean.agent["job"] == pytest.approx(0.75)
    assert mean.busy == pytest.approx(1.0)
    waiting = usage_during(recording, [(1.0 + t, 2.0 + t) for t in range(0, 20, 2)])
    assert waiting.agent["job"] == pytest.approx(1.5)
    assert waiting.busy == pytest.approx(2.0)
    assert usage_during(recording, []).busy is None


def test_without_samples_nothing_is_known() -> None:
    """A recording of an agent that is not watched, or of an older version."""
    used = usage_between(replace(LEVEL, memory=(), processors=()), 20.0, 60.0)
    assert (dict(used.agent), used.busiest, dict(used.others), used.busy) == ({}, None, {}, None)
    old = replace(LEVEL, memory=(sample(0, process(1, None)), sample(9, process(1, None))))
    assert usage_between(old, 0.0, 9.0).agent == {}


def test_every_user_has_a_name_that_reads() -> None:
    """Also a role of somebody else's agent."""
    assert called("model-host") == "the model host"
    assert called("other") == "other processes"
