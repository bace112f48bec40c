"""C2."""

from collections.abc import Iterable
from dataclasses import replace

from fakes.recordings import Run, models_per_call, phase_begin, shared_models, without_phase
from voicegate.judge.finding import Status
from voicegate.judge.later_reuse import judge
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, Recording


def without_rooms(recording: Recording) -> Recording:
    """Let no line of the log name its call."""
    return replace(recording, log=tuple(replace(line, room=None) for line in recording.log))


def without_reuse_in(recording: Recording, room: str) -> Recording:
    """Drop the reuse lines of one call."""
    kept = (line for line in recording.log if line.room != room or "Reusing" not in line.message)
    return replace(recording, log=tuple(kept))


def test_every_call_reuses() -> None:
    """Nineteen later calls with their reuse lines pass."""
    assert judge(Run().recording(), Rules()).status is Status.PASS


def test_lines_without_rooms_are_dealt_out_by_time() -> None:
    """When no line names its call, calls at once each need a line of their own."""
    assert judge(without_rooms(Run().recording()), Rules()).status is Status.PASS


def test_one_call_without_its_line_fails() -> None:
    """A single call that does not reuse fails, and is named."""
    finding = judge(without_reuse_in(Run().recording(), "room-07"), Rules())
    assert finding.status is Status.FAIL
    assert any("call-07" in line for line in finding.evidence)


def test_one_line_too_few_among_calls_at_once_fails() -> None:
    """When no line names its call, one line fewer than calls at once fails."""
    finding = judge(without_rooms(without_reuse_in(Run().recording(), "room-07")), Rules())
    assert finding.status is Status.FAIL


def test_models_per_call_fail() -> None:
    """An agent that loads in every call fails, though its ids are equal."""
    finding = judge(Run(lines=models_per_call).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "further initializations: 38" in finding.reason


def test_reload_beside_reuse_fails() -> None:
    """A reset that loads once more fails, although every call also reuses."""

    def lines(t: float, room: str, first: bool) -> Iterable[LogLine]:
        yield from shared_models(t, room, first)
        if room == "room-05":
            yield from shared_models(t, room, True)

    finding = judge(Run(lines=lines).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "further initializations: 2" in finding.reason


def test_unanswered_call_is_an_error() -> None:
    """A call that no agent answered shows nothing about reuse."""
    recording = without_reuse_in(Run().recording(), "room-07")
    calls = tuple(
        event for event in recording.calls if event.call != "call-07" or event.step in ("dialed", "joined")
    )
    finding = judge(replace(recording, calls=calls), Rules())
    assert finding.status is Status.ERROR
    assert "call-07 was not answered" in finding.reason


def test_single_call_is_not_run() -> None:
    """A scenario with one call has no later one."""
    recording = Run(cycles=0).recording()
    second_t = phase_begin(recording, "second-call")
    one = tuple(event for event in recording.calls if event.t < second_t)
    assert (
        judge(replace(without_phase(recording, "second-call"), calls=one), Rules()).status is Status.NOT_RUN
    )


def test_agent_without_such_lines_is_not_run() -> None:
    """An agent that does not log its models, by configuration, is not judged on that."""
    assert judge(Run().recording(), Rules(log=LogContract(tts_initializing=""))).status is Status.NOT_RUN
