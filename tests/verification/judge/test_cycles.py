"""G9."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn, cut_at, phase_begin
from voicegate.judge.cycles import judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import Recording

GOOD = Run(variants=()).recording()
FIRST = 11  # the call of the first of ten cycles


def test_a_cycle_that_the_server_failed_is_an_error() -> None:
    """It says nothing about the agent, and the other cycles are not all of them."""
    name = f"call-{FIRST + 2}"
    others = [event for event in GOOD.calls if event.call != name]
    dialed = next(event for event in GOOD.calls if event.call == name)
    failed = replace(dialed, t=dialed.t + 2, step="failed", detail="no room", fault="server")
    calls = (*others, dialed, failed)
    turns = tuple(turn for turn in GOOD.turns if turn.call != name)
    finding = judge(replace(GOOD, calls=calls, turns=turns), Rules())
    assert finding.status is Status.ERROR
    assert "because of the LiveKit server, not of the agent: 1 (no room)" in finding.reason


@pytest.mark.parametrize(
    "cycles",
    [range(4), range(6, 10), range(7, 10)],
    ids=["first third", "last third", "all but one of the last third"],
)
def test_a_third_without_a_steady_wait_is_an_error(cycles: range) -> None:
    """The machine stalled in most of one third: the others do not show that nothing became slower."""
    dialed = {event.call: event.t for event in GOOD.calls if event.step == "dialed"}
    stalls = [dialed[f"call-{FIRST + number}"] for number in cycles]
    memory = tuple(sample for sample in GOOD.memory if not any(t - 0.6 < sample.t < t + 5 for t in stalls))
    finding = judge(replace(waiting(lambda number: 9.0 if number >= 6 else 1.0), memory=memory), Rules())
    assert finding.status is Status.ERROR
    assert "third of the cycles fell outside stalls of the machine" in finding.reason


def waiting(seconds: Callable[[int], float], recording: Recording = GOOD) -> Recording:
    """Let the reply in cycle number n (from 0) come after so many seconds."""
    for number in range(10):
        wait_s = seconds(number)
        recording = change_turn(recording, f"call-{FIRST + number}", latency_s=wait_s)
    return recording


def joining(seconds: Callable[[int], float]) -> Recording:
    """Let the agent's audio in cycle number n come so many seconds after dialing."""
    dialed = {event.call: event.t for event in GOOD.calls if event.step == "dialed"}
    calls = tuple(
        replace(event, t=dialed[event.call] + seconds(int(event.call[-2:]) - FIRST))
        if event.step == "agent_audio" and int(event.call[-2:]) >= FIRST
        else event
        for event in GOOD.calls
    )
    return replace(GOOD, calls=tuple(sorted(calls, key=lambda event: event.t)))


@pytest.mark.parametrize(
    ("last_s", "status"), [(1.499, Status.PASS), (1.5, Status.PASS), (1.501, Status.FAIL)]
)
def test_slowdown_limit(last_s: float, status: Status) -> None:
    """The last third may wait 1.5 times as long as the first, for the join and for the reply."""
    for recording in (
        waiting(lambda number: last_s if number >= 6 else 1.0),
        joining(lambda number: last_s if number >= 6 else 1.0),
    ):
        assert judge(recording, Rules()).status is status


def test_one_slow_call_does_not_fail() -> None:
    """What happened to one call may have been anybody's doing; it is named all the same."""
    finding = judge(waiting(lambda number: 9.0 if number == 8 else 1.0), Rules())
    assert finding.status is Status.PASS
    assert any("slowest 9.00 s in call-19" in line for line in finding.evidence)


def test_a_busy_machine_does_not_fail() -> None:
    """Waits as they were on a machine that others used as well, in a healthy agent."""
    seconds = (2.05, 1.59, 1.66, 1.87, 1.76, 1.91, 2.72, 2.83, 3.04, 1.70)
    assert judge(waiting(lambda number: seconds[number]), Rules()).status is Status.PASS


def test_slower_with_every_call_fails() -> None:
    """Each call waits a quarter of a second longer than the one before."""
    assert judge(waiting(lambda number: 0.6 + 0.25 * number), Rules()).status is Status.FAIL


def test_slowest_in_a_stall_does_not_count() -> None:
    """A wait during a stall of the machine is left out, and named."""
    slow = waiting(lambda number: 9.0 if number == 4 else 1.0)
    (t,) = (turn.speech_end_t for turn in slow.turns if turn.call == "call-15")
    memory = tuple(one for one in slow.memory if not t + 1 <= one.t <= t + 2)
    finding = judge(replace(slow, memory=memory), Rules())
    assert finding.status is Status.PASS
    assert "1 of 20 waits fell into stalls" in finding.stability
    assert any("during a stall of the machine" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("slow_s", "status"), [(1.999, Status.PASS), (2.0, Status.PASS), (2.001, Status.FAIL)]
)
def test_one_slow_call_in_five_fails(slow_s: float, status: Status) -> None:
    """Wherever it comes, from twice the wait of a typical call on: the last third is as fast as the first."""
    for place in range(5):
        recording = waiting(lambda number, place=place: slow_s if number % 5 == place else 1.0)  # type: ignore[misc]
        assert judge(recording, Rules()).status is status


def test_one_fast_call_hides_no_slow_ones() -> None:
    """All calls of the last third wait three times as long, but for one."""
    finding = judge(waiting(lambda number: 3.0 if number >= 6 and number != 8 else 1.0), Rules())
    assert finding.status is Status.FAIL


def test_waits_that_scatter_too_much_are_an_error() -> None:
    """When the first waits scatter so much that slower ones may be as fast, nothing is decided."""
    finding = judge(waiting(lambda number: (1.0, 2.0)[number % 2] if number < 4 else 2.4), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason


def test_short_waits_count_as_half_a_second() -> None:
    """From 50 ms to 400 ms is eight times as long, and nobody notices."""
    assert judge(waiting(lambda number: 0.4 if number >= 6 else 0.05), Rules()).status is Status.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"reply_text": None},
        {"reply_text": ""},
        {"reply_start_t": None, "latency_s": None},
        {"reply_audio_s": 0.0},
    ],
)
def test_cycle_without_its_reply_fails(changes: dict[str, object]) -> None:
    """A cycle whose reply lacks its text or its sound did not work."""
    finding = judge(change_turn(GOOD, "call-15", **changes), Rules())
    assert finding.status is Status.FAIL
    assert "cycles whose call worked: 9, must be 10" in finding.reason
    assert any("call-15 in cycle-05" in line for line in finding.evidence)


def test_failed_call_fails() -> None:
    """A cycle in which nobody answered did not work."""
    calls = tuple(
        replace(event, step="failed", detail="nobody came") if event.step == "hung_up" else event
        for event in GOOD.calls
        if event.call != "call-20" or event.step in ("dialed", "hung_up")
    )
    calls = tuple(
        replace(event, step="hung_up", detail=None)
        if event.call != "call-20" and event.step == "failed"
        else event
        for event in calls
    )
    turns = tuple(turn for turn in GOOD.turns if turn.call != "call-20")
    finding = judge(replace(GOOD, calls=calls, turns=turns), Rules())
    assert finding.status is Status.FAIL
    assert any("nobody came" in line for line in finding.evidence)


def test_broken_call_outside_the_cycles_is_not_their_matter() -> None:
    """A reply that is missing before the cycles is G3's."""
    assert judge(change_turn(GOOD, "call-03", reply_text=None), Rules()).status is Status.PASS


@pytest.mark.parametrize(("cycles", "status"), [(5, Status.ERROR), (6, Status.PASS), (7, Status.PASS)])
def test_cycles_needed(cycles: int, status: Status) -> None:
    """Six cycles are enough."""
    assert judge(Run(cycles=cycles, variants=()).recording(), Rules()).status is status


def test_scenario_without_cycles_is_not_run() -> None:
    """A whole scenario without cycles never meant to measure them."""
    assert judge(Run(cycles=0, variants=()).recording(), Rules()).status is Status.NOT_RUN


def test_cut_recording_is_an_error() -> None:
    """A run that stops in the eighth cycle is not a whole one, though seven worked."""
    finding = judge(cut_at(GOOD, phase_begin(GOOD, "cycle-08") + 0.3), Rules(limits=Limits()))
    assert finding.status is Status.ERROR
    assert "cut off" in finding.reason
