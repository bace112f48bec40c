"""C1."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from fakes.recordings import Run, models_per_call, shared_models
from voicegate.judge import later_reuse, same_ids
from voicegate.judge.finding import Status
from voicegate.judge.first_initializes import judge
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, Recording


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


def racing(second_loads: bool) -> Recording:
    """Make a run whose first two callers dial at once; the second loads too, or reuses."""
    recording = Run().recording()
    first_t, second_t = (
        next(event.t for event in recording.calls if event.call == name) for name in ("call-01", "call-02")
    )
    by_t = second_t - first_t - 0.1
    calls = tuple(
        replace(event, phase="first-call", t=event.t - by_t) if event.call == "call-02" else event
        for event in recording.calls
    )
    log = [line if line.room != "room-02" else replace(line, t=line.t - by_t) for line in recording.log]
    if second_loads:
        kept = [line for line in log if line.room != "room-02"]
        log = [
            *kept,
            *(
                replace(line, room="room-02", pid=21)
                for line in shared_models(first_t + 0.7, "room-02", True)
            ),
        ]
    return replace(
        recording,
        calls=tuple(sorted(calls, key=lambda event: event.t)),
        log=tuple(sorted(log, key=lambda line: line.t)),
    )


def test_two_first_callers_who_share_one_load_pass() -> None:
    """Of two callers who dial at once one loads and the other reuses, whoever it is."""
    for criterion in (judge, later_reuse.judge, same_ids.judge):
        finding = criterion(racing(second_loads=False), Rules())
        assert finding.status is Status.PASS, finding.long()
    assert "call-01 and call-02" in judge(racing(second_loads=False), Rules()).reason


def test_first_caller_may_be_the_one_who_waits() -> None:
    """The model may be loaded for the second of two first callers."""
    swap = {"room-01": "room-02", "room-02": "room-01"}
    recording = racing(second_loads=False)
    log = tuple(replace(line, room=swap.get(line.room or "", line.room)) for line in recording.log)
    assert later_reuse.judge(replace(recording, log=log), Rules()).status is Status.PASS


def test_race_in_which_both_load_fails() -> None:
    """Two first callers who both load fail C1, C2 and C3."""
    recording = racing(second_loads=True)
    for criterion in (judge, later_reuse.judge, same_ids.judge):
        assert criterion(recording, Rules()).status is Status.FAIL
    reason = later_reuse.judge(recording, Rules()).reason
    assert "further initializations: 2" in reason
    assert "later calls that reuse the ASR instance: 18, must be 19" in reason


def test_agent_without_such_lines_is_not_run() -> None:
    """An agent that does not log its models, by configuration, is not judged on that."""
    assert judge(Run().recording(), Rules(log=LogContract(asr_initializing=""))).status is Status.NOT_RUN


ENDS_ONLY = LogContract(
    asr_initializing="",
    asr_initialized="ASR model initialized",
    asr_reusing="",
    tts_initializing="",
    tts_initialized="TTS engine initialized",
    tts_reusing="",
)
"""The contract of an agent that says no more than that a model was loaded, without an id."""


def test_one_line_of_each_load_is_enough() -> None:
    """What the log does not name is not owed; a second load is still seen."""
    rules = Rules(log=ENDS_ONLY)
    finding = judge(Run().recording(), rules)
    assert finding.status is Status.PASS, finding.reason
    assert [one.what for one in finding.measurements][:2] == [
        "ASR initialized in the first call",
        "TTS initialized in the first call",
    ]
    twice = judge(with_lines(lambda made: made + made[1:2]), rules)
    assert "ASR initialized in the first call: 2, must be 1" in twice.reason
    assert same_ids.judge(Run().recording(), rules).status is Status.NOT_RUN


def test_no_reuse_is_owed_by_a_log_that_names_none() -> None:
    """That nothing is loaded again is; where no line says that it was loaded at all, nothing is known."""
    rules = Rules(log=ENDS_ONLY)
    finding = later_reuse.judge(Run().recording(), rules)
    assert finding.status is Status.PASS, finding.reason
    assert "the log does not name every reuse" in finding.reason
    again = later_reuse.judge(Run(lines=models_per_call).recording(), rules)
    assert "further initializations: 38" in again.reason
    recording = Run().recording()
    unsaid = tuple(line for line in recording.log if "TTS" not in line.message)
    assert later_reuse.judge(replace(recording, log=unsaid), rules).status is Status.ERROR


def _swap_times(made: list[LogLine]) -> list[LogLine]:
    """Let the text-to-speech engine come first."""
    swapped = [replace(line, t=other.t) for line, other in zip(made[:4], made[2:4] + made[:2], strict=True)]
    return swapped + made[4:]
