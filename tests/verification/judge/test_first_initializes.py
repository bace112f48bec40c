"""C1."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from fakes.recordings import Run, shared_models

from verification.judge.criterion import Rules
from verification.judge.finding import Status
from verification.judge.first_initializes import judge
from verification.log_contract import LogContract
from verification.record.events import LogLine, Recording


def with_lines(edit: Callable[[list[LogLine]], list[LogLine]]) -> Recording:
    """Make a run whose lines of the first call went through `edit`."""

    def lines(t: float, room: str, first: bool) -> Iterable[LogLine]:
        made = list(shared_models(t, room, first))
        return edit(made) if first else made

    return Run(lines=lines).recording()


def test_one_load_of_each_passes() -> None:
    """Both engines, initialized once and in order, pass."""
    finding = judge(Run().recording(), Rules())
    assert finding.status is Status.PASS
    assert "call-01" in finding.reason


def test_second_load_fails() -> None:
    """A race in which the first call loads twice fails."""
    finding = judge(with_lines(lambda made: made + made[:2]), Rules())
    assert finding.status is Status.FAIL
    assert "ASR initializing in the first call: 2, must be 1" in finding.reason


def test_missing_load_fails() -> None:
    """An engine that is never said to be initialized fails."""
    assert judge(with_lines(lambda made: made[:3]), Rules()).status is Status.FAIL


def test_wrong_order_fails() -> None:
    """Lines in another order than the contract's fail."""
    finding = judge(with_lines(_swap_times), Rules())
    assert finding.status is Status.FAIL
    assert "lines out of order" in finding.reason


def test_load_before_the_first_call_fails() -> None:
    """An agent that loads at start-up fails."""
    recording = Run().recording()
    early = tuple(replace(line, t=0.8) if "nitializ" in line.message else line for line in recording.log)
    finding = judge(replace(recording, log=tuple(sorted(early, key=lambda line: line.t))), Rules())
    assert finding.status is Status.FAIL
    assert "loads before the first call: 4" in finding.reason


def test_unanswered_first_call_is_an_error() -> None:
    """A first call that nobody answered accuses nobody of not loading."""
    recording = Run().recording()
    calls = tuple(
        event for event in recording.calls if event.call != "call-01" or event.step in ("dialed", "joined")
    )
    log = tuple(line for line in recording.log if line.t > 20)
    finding = judge(replace(recording, calls=calls, log=log), Rules())
    assert finding.status is Status.ERROR
    assert "call-01 was not answered" in finding.reason


def test_agent_without_such_lines_is_not_run() -> None:
    """An agent that does not log its models, by configuration, is not judged on that."""
    assert judge(Run().recording(), Rules(log=LogContract(asr_reusing=""))).status is Status.NOT_RUN


def _swap_times(made: list[LogLine]) -> list[LogLine]:
    """Let the text-to-speech engine come first."""
    swapped = [replace(line, t=other.t) for line, other in zip(made[:4], made[2:4] + made[:2], strict=True)]
    return swapped + made[4:]
