"""G7."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, cut_at, phase_begin, without_phase
from voicegate.judge.cleanup import judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.measure.phases import spans
from voicegate.record.events import Left, MemorySample, Phase, ProcessMemory, Recording, Rooms
from voicegate.record.traces import MOST_FILES

GOOD = Run(variants=()).recording()
QUIET_T = phase_begin(GOOD, "quiet")
LAST_RESTS_T = phase_begin(GOOD, "after-cycle-09")
LIMITS = Rules().limits


def with_end(**more: int) -> Recording:
    """Make a run whose main process has more of something in the last rests."""

    def edit(sample: MemorySample) -> MemorySample:
        main, *others = sample.processes
        grown = replace(main, **{name: getattr(main, name) + by for name, by in more.items()})
        return replace(sample, processes=(grown, *others))

    return replace(GOOD, memory=tuple(edit(one) if one.t >= LAST_RESTS_T else one for one in GOOD.memory))


def with_process(role: str) -> Recording:
    """Make a run in whose last rests a process is left over."""
    left = ProcessMemory(900, 10, role, "python", 1, 1, 1, 0, 0, 0)
    memory = tuple(
        replace(one, processes=(*one.processes, left)) if one.t >= LAST_RESTS_T else one
        for one in GOOD.memory
    )
    return replace(GOOD, memory=memory)


def test_same_level_passes() -> None:
    """A run that ends as it was after the first call passes and says how steady that was."""
    finding = judge(GOOD, Rules())
    assert finding.status is Status.PASS
    assert "equal in all of 24 samples in 4 rests" in finding.stability


def test_what_calls_from_a_web_page_leave_fails() -> None:
    """They come after the scenario, and so does the rest that is looked at; the others judge the scenario's own phases."""
    end_t = GOOD.memory[-1].t
    rest = [replace(one, t=one.t - QUIET_T + end_t + 1) for one in GOOD.memory if one.t > QUIET_T]
    left = ProcessMemory(900, 10, "job", "python", 1, 1, 1, 0, 0, 0)
    memory = (*GOOD.memory, *(replace(one, processes=(*one.processes, left)) for one in rest))
    phases = (Phase(end_t + 1, "after-page", "begin", 0), Phase(memory[-1].t + 0.2, "after-page", "end", 0))
    recording = replace(GOOD, memory=memory, phases=(*GOOD.phases, *phases))
    assert judge(recording, Rules()).status is Status.FAIL
    assert spans(recording) == spans(GOOD)


def test_a_pool_that_was_larger_for_a_while_passes() -> None:
    """LiveKit keeps an idle job more now and then: 9 threads and 6 sockets, gone in the last rest, or for some seconds of it."""
    grown = with_end(threads=9, sockets=6)
    for begin_t, end_t in ((LAST_RESTS_T, QUIET_T), (QUIET_T, QUIET_T + 25), (QUIET_T + 25, 1e9)):
        memory = tuple(
            after if begin_t <= after.t < end_t else before
            for before, after in zip(GOOD.memory, grown.memory, strict=True)
        )
        assert judge(replace(GOOD, memory=memory), Rules()).status is Status.PASS


def test_what_only_the_last_calls_leave_behind_fails() -> None:
    """An earlier rest, before those calls, is no excuse."""
    edited = with_end(threads=9)
    memory = tuple(
        after if after.t >= QUIET_T else before
        for before, after in zip(GOOD.memory, edited.memory, strict=True)
    )
    finding = judge(replace(GOOD, memory=memory), Rules())
    assert finding.status is Status.FAIL
    assert "threads more than after the first call" in finding.reason


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("threads", LIMITS.cleanup_threads),
        ("descriptors", LIMITS.cleanup_descriptors),
        ("sockets", LIMITS.cleanup_sockets),
    ],
)
def test_limits(name: str, limit: int) -> None:
    """A few more than after the first call are allowed, one above is not."""
    for by, status in ((limit - 1, Status.PASS), (limit, Status.PASS), (limit + 1, Status.FAIL)):
        assert judge(with_end(**{name: by}), Rules()).status is status


@pytest.mark.parametrize(("role", "what"), [("job", "job processes"), ("other", "processes")])
def test_process_left_behind_fails(role: str, what: str) -> None:
    """One process more than after the first call fails."""
    finding = judge(with_process(role), Rules())
    assert finding.status is Status.FAIL
    assert f"{what} more than after the first call: 1 [1 to 1], must be ≤ 0" in finding.reason


def test_process_that_is_still_going_is_an_error() -> None:
    """Processes that come and go within each window neither pass nor fail."""
    left = with_process("job")
    memory = tuple(
        one if number % 3 else replace(one, processes=one.processes[:-1]) if one.t >= LAST_RESTS_T else one
        for number, one in enumerate(left.memory)
    )
    finding = judge(replace(left, memory=memory), Rules())
    assert finding.status is Status.ERROR
    assert "job processes by 1" in finding.stability
    assert "1 job process ended" in finding.reason
    assert "departure_timeout_s" in finding.advice


def test_sample_in_which_a_process_could_not_be_read_does_not_count() -> None:
    """One torn sample changes nothing; a window of them is an error."""
    torn = [replace(one, complete=False, processes=one.processes[:1]) for one in GOOD.memory]
    assert judge(replace(GOOD, memory=(*GOOD.memory[:-1], torn[-1])), Rules()).status is Status.PASS
    assert judge(replace(GOOD, memory=(*GOOD.memory[:-5], *torn[-5:])), Rules()).status is Status.ERROR


@pytest.mark.parametrize(("left", "status"), [(0, Status.PASS), (1, Status.FAIL)])
def test_rooms(left: int, status: Status) -> None:
    """No room of ours is open in the end."""
    rooms = Rooms(GOOD.memory[-1].t, tuple(f"room-{number}" for number in range(left)))
    assert judge(replace(GOOD, rooms=(*GOOD.rooms[:-1], rooms)), Rules()).status is status


def test_rooms_that_were_there_before_are_not_ours_to_close() -> None:
    """A room that was open before anybody called may stay."""
    rooms = (Rooms(0.5, ("old",)), *GOOD.rooms[:-1], Rooms(GOOD.memory[-1].t, ("old",)))
    assert judge(replace(GOOD, rooms=rooms), Rules()).status is Status.PASS


@pytest.mark.parametrize(("ago_s", "status"), [(24.9, Status.PASS), (25.0, Status.FAIL), (25.1, Status.FAIL)])
def test_room_of_a_call_that_just_ended_may_still_be_there(ago_s: float, status: Status) -> None:
    """LiveKit keeps an empty room for a while; one that stays longer was left behind."""
    (left_t,) = (event.t for event in GOOD.calls if (event.call, event.step) == ("call-20", "hung_up"))
    rooms = Rooms(left_t + ago_s, ("room-20",))
    assert judge(replace(GOOD, rooms=(*GOOD.rooms[:-1], rooms)), Rules()).status is status


def test_first_level_with_a_job_in_it_shows_nothing() -> None:
    """Its room is open, so that a process that stays would be hidden behind it; what is more all the same still fails."""
    at = next(number for number, one in enumerate(GOOD.rooms) if one.t > phase_begin(GOOD, "after-first"))
    rooms = (*GOOD.rooms[:at], replace(GOOD.rooms[at], names=("room-01",)), *GOOD.rooms[at + 1 :])
    finding = judge(replace(GOOD, rooms=rooms), Rules())
    assert finding.status is Status.ERROR
    assert "may hide what a later call leaves behind" in finding.reason
    assert judge(replace(with_process("job"), rooms=rooms), Rules()).status is Status.FAIL


def test_old_recording_is_judged_without_sockets_and_rooms() -> None:
    """What version 1 did not record is left out and named."""
    memory = tuple(
        replace(one, processes=tuple(replace(process, sockets=None) for process in one.processes))
        for one in GOOD.memory
    )
    old = replace(GOOD, memory=memory, rooms=(), header=replace(GOOD.header, version=1))
    finding = judge(old, Rules())
    assert finding.status is Status.PASS
    assert "not looked at: sockets, rooms" in finding.stability


def with_left(**left: Left | None) -> Recording:
    """Make a run in whose last rests something else is left that outlives processes."""
    memory = tuple(replace(one, **left) if one.t >= LAST_RESTS_T else one for one in GOOD.memory)  # type: ignore[arg-type]
    return replace(GOOD, memory=memory)


@pytest.mark.parametrize(
    ("name", "before", "what"),
    [("zombies", 0, "zombies"), ("shared", 0, "shared memory"), ("temporary", 1, "temporary files")],
)
def test_what_outlives_processes(name: str, before: int, what: str) -> None:
    """A few more than after the first call are allowed, one above is not; the newest are named."""
    most = before + LIMITS.cleanup_leftovers
    for count, status in ((most, Status.PASS), (most + 1, Status.FAIL)):
        finding = judge(with_left(**{name: Left(count, ("a", "b"))}), Rules())
        assert finding.status is status
        assert f"{what} in the end: a, b and {count - 2} more" in finding.evidence
    assert f"{what} more than after the first call: 5 [5 to 5], must be ≤ 4" in finding.reason


def test_what_was_there_at_first_is_not_named_as_left() -> None:
    """Only what came since is."""
    was = tuple(replace(one, zombies=Left(1, ("old",))) for one in GOOD.memory)
    now = tuple(
        replace(one, zombies=Left(8, ("old", "new"))) if one.t >= LAST_RESTS_T else one for one in was
    )
    finding = judge(replace(GOOD, memory=now), Rules())
    assert finding.status is Status.FAIL
    assert "zombies in the end: new and 7 more" in finding.evidence


def test_temporary_files_of_an_agent_that_runs_already_are_not_looked_at() -> None:
    """That is said, and it passes: whose files those are nobody knows."""
    blind = replace(GOOD, memory=tuple(replace(one, temporary=None) for one in GOOD.memory))
    finding = judge(blind, Rules())
    assert finding.status is Status.PASS
    assert "not looked at: temporary files" in finding.stability


def test_more_temporary_files_than_are_counted_hide_nothing() -> None:
    """Where there were so many after the first call, nobody can see whether there are more, and that is said; else it fails."""
    full = Left(MOST_FILES, ("a",))
    always = replace(GOOD, memory=tuple(replace(one, temporary=full) for one in GOOD.memory))
    finding = judge(always, Rules())
    assert finding.status is Status.PASS
    assert "not looked at: temporary files" in finding.stability
    assert judge(with_left(temporary=full), Rules()).status is Status.FAIL


def test_recording_of_an_older_version_has_nothing_that_outlives_processes() -> None:
    """It is judged without, and says so; today's owes what the gate can always see."""
    blind = replace(
        GOOD, memory=tuple(replace(one, zombies=None, shared=None, temporary=None) for one in GOOD.memory)
    )
    finding = judge(replace(blind, header=replace(GOOD.header, version=8)), Rules())
    assert finding.status is Status.PASS
    assert "not looked at: zombies, shared memory, temporary files" in finding.stability
    assert judge(blind, Rules()).status is Status.ERROR


def test_rooms_and_sockets_that_were_not_looked_at_are_an_error() -> None:
    """A server that does not list its rooms, or sockets that could not be read: what stayed open is not known."""
    blind = tuple(
        replace(one, processes=tuple(replace(process, sockets=None) for process in one.processes))
        for one in GOOD.memory
    )
    for changes, what in (({"rooms": ()}, "rooms were not"), ({"memory": blind}, "sockets of")):
        finding = judge(replace(GOOD, **changes), Rules())
        assert finding.status is Status.ERROR
        assert what in finding.reason


def test_single_call_is_not_run() -> None:
    """A scenario with one phase of calls has no level to come back to."""
    recording = Run(cycles=0, variants=()).recording()
    for name in ("second-call", "three-at-once", "five-at-once"):
        recording = without_phase(recording, name)
    assert judge(recording, Rules()).status is Status.NOT_RUN
    assert judge(without_phase(GOOD, "after-first"), Rules()).status is Status.NOT_RUN


def test_cut_recording_is_an_error() -> None:
    """A run that stops among its calls has no end to compare."""
    assert judge(cut_at(GOOD, phase_begin(GOOD, "cycle-04") + 1), Rules()).status is Status.ERROR
