"""C8."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, Run, cut_at, report_line, without_phase
from voicegate.judge.finding import Status
from voicegate.judge.monitor import judge
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, ProcessEvent, Recording

FLAT = 1000 * MB


def reporting(*lines: tuple[float, str], level_bytes: int = FLAT) -> Recording:
    """Make a run of one level whose agent reports this at these times."""
    recording = Run(monitor_interval_s=1e9).recording()
    memory = tuple(
        replace(sample, processes=(replace(sample.processes[0], pss_bytes=level_bytes),))
        for sample in recording.memory
    )
    log = [line for line in recording.log if "emory usage" not in line.message]
    log += [LogLine(t, message, pid=10) for t, message in lines]
    return replace(recording, memory=memory, log=tuple(sorted(log, key=lambda line: line.t)))


END_S = 237  # when the made-up run ends; its agent is ready at 0.2 s


def every(interval_s: float, text: str = "Memory usage: 1000.0MB (healthy)", count: int = 99) -> Recording:
    """Make a run whose agent reports the same at equal intervals, so often at most, as long as it runs."""
    times = [20 + number * interval_s for number in range(count)]
    return reporting(*((t, text) for t in times if t < END_S))


@pytest.mark.parametrize(
    ("interval_s", "status"),
    [
        (54.9, Status.FAIL),
        (55.0, Status.PASS),
        (60.0, Status.PASS),
        (65.0, Status.PASS),
        (65.1, Status.FAIL),
        (120.0, Status.FAIL),
    ],
)
def test_interval_limits(interval_s: float, status: Status) -> None:
    """Reports come 60 s ± 5 s apart."""
    assert judge(every(interval_s), Rules()).status is status


@pytest.mark.parametrize(
    ("count", "status"), [(0, Status.FAIL), (2, Status.FAIL), (3, Status.FAIL), (4, Status.PASS)]
)
def test_number_of_reports(count: int, status: Status) -> None:
    """A monitor that keeps silent for all of a long run fails, and so does one that dies after three reports."""
    finding = judge(every(60, count=count), Rules())
    assert finding.status is status
    assert ("[log] memory_healthy" in finding.advice and "DEBUG" in finding.advice) is (count == 0)


def test_a_monitor_that_dies_fails() -> None:
    """Three reports at the right pace, and silence for the other ten minutes."""
    recording = Run(monitor_interval_s=1e9, quiet_s=600).recording()
    log = [line for line in recording.log if "emory usage" not in line.message]
    log += [LogLine(t, report_line(_pss(recording, t)), pid=10) for t in (30.0, 90.0, 150.0)]
    finding = judge(replace(recording, log=tuple(sorted(log, key=lambda line: line.t))), Rules())
    assert finding.status is Status.FAIL
    assert "memory reports: 3, must be ≥ 12" in finding.reason
    assert "longest time before the first report or after the last" in finding.reason


@pytest.mark.parametrize(
    ("ready_t", "first_t", "status"),
    [
        (0.2, 65.2, Status.PASS),
        (0.2, 65.3, Status.FAIL),
        (15.0, 79.9, Status.PASS),
        (15.0, 80.1, Status.FAIL),
    ],
)
def test_first_report_comes_one_interval_after_the_agent_is_ready(
    ready_t: float, first_t: float, status: Status
) -> None:
    """What an agent needs to come up is not counted."""
    recording = reporting(
        *((first_t + 60 * number, "Memory usage: 1000.0MB (healthy)") for number in range(3))
    )
    ready = ProcessEvent(ready_t, "agent", "ready", 10)
    assert judge(replace(recording, processes=(*recording.processes, ready)), Rules()).status is status


@pytest.mark.parametrize(("last_t", "status"), [(172.5, Status.PASS), (171.0, Status.FAIL)])
def test_tail_shorter_than_an_interval_owes_nothing(last_t: float, status: Status) -> None:
    """The scenario ends at 237 s, whenever the agent has last reported."""
    times = (last_t - 120, last_t - 60, last_t)
    recording = reporting(*((t, "Memory usage: 1000.0MB (healthy)") for t in times))
    assert judge(recording, Rules()).status is status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("949.9", Status.FAIL),
        ("950.0", Status.PASS),
        ("1050.0", Status.PASS),
        ("1050.1", Status.FAIL),
    ],
)
def test_truth_limits(text: str, status: Status) -> None:
    """The number is within 5 % of our own sample."""
    assert judge(every(60, f"Memory usage: {text}MB (healthy)"), Rules()).status is status


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("Memory usage: 1999.9MB (healthy)", Status.PASS),
        ("Memory usage: 2000.0MB (healthy)", Status.FAIL),
        ("Memory usage: 1999.9MB (warning threshold)", Status.FAIL),
        ("Memory usage: 2000.0MB (warning threshold)", Status.PASS),
        ("Memory usage: 3000.0MB (warning threshold)", Status.PASS),
        ("Memory usage: 3000.1MB (warning threshold)", Status.FAIL),
        ("High memory usage detected: 3000.0MB - forcing garbage collection", Status.FAIL),
        ("High memory usage detected: 3000.1MB - forcing garbage collection", Status.PASS),
    ],
)
def test_class_limits(line: str, status: Status) -> None:
    """The class a report names is the one its number belongs to."""
    level_bytes = 2000 * MB if "999.9" in line or "2000" in line else 3000 * MB
    lines = ((20 + 60 * number, line) for number in range(4))
    finding = judge(reporting(*lines, level_bytes=level_bytes), Rules())
    assert finding.status is status, finding.long()


def test_report_in_the_middle_of_a_step_is_compared_with_both_sides() -> None:
    """While memory moves, a report is true if it lies among our samples around it."""
    recording = Run().recording()
    lines = tuple(
        LogLine(t, report_line(900 * MB), pid=10) for t in (8.0, 68.0, 128.0, 188.0) if t == 8.0
    ) + tuple(line for line in recording.log if "emory usage" not in line.message)
    later = tuple(LogLine(t, report_line(_pss(recording, t)), pid=10) for t in (68.0, 128.0, 188.0))
    log = tuple(sorted(lines + later, key=lambda line: line.t))
    assert judge(replace(recording, log=log), Rules()).status is Status.PASS


def test_wrong_numbers_fail() -> None:
    """A monitor that reports half of the truth fails."""
    finding = judge(Run(monitor_factor=0.5).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "largest difference to our own sample: 50.0 %" in finding.reason


def test_reports_without_samples_beside_them_are_an_error() -> None:
    """Numbers that nothing can be held against are not shown to be true."""
    recording = every(60)
    finding = judge(replace(recording, memory=recording.memory[:8]), Rules())
    assert finding.status is Status.ERROR
    assert "0 of 4 memory reports" in finding.reason


@pytest.mark.parametrize(("phases_from", "status"), [(60, Status.PASS), (0, Status.ERROR)])
def test_a_report_before_the_first_phase_needs_no_sample(phases_from: int, status: Status) -> None:
    """An agent may report as it starts, before sampling begins; once callers may come, each report is checked."""
    recording = every(60)
    late = tuple(sample for sample in recording.memory if sample.t > 60)
    phases = tuple(phase for phase in recording.phases if phase.t > phases_from)
    finding = judge(replace(recording, memory=late, phases=phases), Rules())
    assert finding.status is status
    assert ("only 3 of 4" in finding.reason) is (status is Status.ERROR)


def test_reports_after_sampling_broke_off_are_an_error() -> None:
    """We were to sample until the last phase ended."""
    recording = every(60)
    assert judge(replace(recording, memory=recording.memory[:200]), Rules()).status is Status.ERROR


def test_short_recording_is_an_error() -> None:
    """A run that is cut off before three reports were due accuses nobody."""
    assert judge(cut_at(Run().recording(), 100), Rules()).status is Status.ERROR


def test_scenario_that_does_not_wait_for_reports_is_not_run() -> None:
    """A short scenario without the quiet phase never meant to hear three reports."""
    short = without_phase(Run(cycles=2, quiet_s=1).recording(), "quiet")
    assert judge(short, Rules()).status is Status.NOT_RUN


def test_agent_without_a_monitor_is_not_run() -> None:
    """An agent that reports no memory, by configuration, is not judged on that."""
    assert judge(Run().recording(), Rules(log=LogContract(memory_high=""))).status is Status.NOT_RUN


def test_another_megabyte_can_be_configured() -> None:
    """An agent that counts 2^20 bytes to the MB is right about that many bytes."""
    rules = Rules(log=LogContract(megabyte_bytes=1_048_576))
    assert judge(every(60, "Memory usage: 953.7MB (healthy)"), rules).status is Status.PASS


def _pss(recording: Recording, t: float) -> int:
    near = min(recording.memory, key=lambda sample: abs(sample.t - t))
    return sum(process.pss_bytes for process in near.processes)
