"""C5."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, WEIGHTS_BYTES, Run, models_per_call
from voicegate.judge.extra_connection import FROM_PAGE, judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.record.events import CallEvent, CallEventStep, Fault, Phase, PlannedPhase, Recording

LIMIT = 100 * MB
LOADED = 500 * MB + WEIGHTS_BYTES


@pytest.mark.parametrize(
    ("per_call_bytes", "status"),
    [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL), (LIMIT + 1, Status.FAIL)],
)
def test_slope_limit(per_call_bytes: int, status: Status) -> None:
    """Each further call costs less than 100 MB."""
    assert judge(Run(per_call_bytes=per_call_bytes).recording(), Rules()).status is status


@pytest.mark.parametrize(
    ("step_bytes", "status"), [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL), (LIMIT + 1, Status.FAIL)]
)
def test_worst_step_limit(step_bytes: int, status: Status) -> None:
    """One dear step fails, though every other step is cheap."""
    three = LOADED + 3 * 40 * MB
    finding = judge(Run(levels={"five-at-once": three + 2 * step_bytes}).recording(), Rules())
    assert finding.status is status
    if status is Status.FAIL:
        assert "three-at-once to five-at-once" in finding.reason


def with_tabs(per_tab_bytes: int) -> Recording:
    """Let the three tabs call at once, after a rest, with so much more memory for each."""
    good = Run().recording()
    begin_t = good.page_calls[0].began_t
    calls = tuple(
        replace(call, began_t=begin_t, t=begin_t + 6.0) if call.test == "three tabs" else call
        for call in good.page_calls
    )
    rest = (Phase(begin_t - 5.0, "before-tabs", "begin", 0), Phase(begin_t, "before-tabs", "end", 0))
    memory = []
    for sample in good.memory:
        first, *others = sample.processes
        more = 3 * per_tab_bytes if begin_t < sample.t < begin_t + 6.0 else 0
        memory.append(replace(sample, processes=(replace(first, pss_bytes=first.pss_bytes + more), *others)))
    return replace(good, page_calls=calls, phases=(*good.phases, *rest), memory=tuple(memory))


@pytest.mark.parametrize(("per_tab_bytes", "status"), [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL)])
def test_calls_from_a_web_page_are_held_to_the_limit_too(per_tab_bytes: int, status: Status) -> None:
    """While all three tabs are in a call; those that were not there together say nothing."""
    recording = with_tabs(per_tab_bytes)
    finding = judge(recording, Rules())
    assert finding.status is status
    assert FROM_PAGE in [one.what for one in finding.measurements]
    assert (FROM_PAGE in finding.reason) is (status is Status.FAIL)
    apart = replace(recording, page_calls=Run().recording().page_calls)
    assert FROM_PAGE not in [one.what for one in judge(apart, Rules()).measurements]


def test_memory_that_stays_fails() -> None:
    """150 MB per connection that never come back fail by the step, whatever the slope says."""
    finding = judge(Run(leak_bytes=150 * MB).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "worst step" in finding.reason


def test_models_per_call_fail() -> None:
    """A second load per call fails, though every process prints the same id."""
    assert (
        judge(Run(lines=models_per_call, per_call_bytes=850 * MB).recording(), Rules()).status is Status.FAIL
    )


def test_noise_across_the_limit_is_an_error() -> None:
    """When the windows move so much that the step may be above the limit, nothing is decided."""
    run = Run(per_call_bytes=90 * MB, noise_bytes=lambda number: (number % 3 - 1) * 10 * MB)
    finding = judge(run.recording(), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason


def test_little_noise_far_from_the_limit_passes() -> None:
    """Noise that cannot reach the limit does not matter."""
    run = Run(noise_bytes=lambda number: (number % 3 - 1) * 10 * MB)
    assert judge(run.recording(), Rules()).status is Status.PASS


def test_one_outlier_among_the_cycles_leaves_the_typical_steps() -> None:
    """A level taken too early in one cycle does not move the median."""
    finding = judge(Run(levels={"after-cycle-04": LOADED + 30 * MB}).recording(), Rules())
    steps = {one.what: one.value for one in finding.measurements if one.what.startswith("from")}
    assert steps == dict.fromkeys(("from 0 to 1 call", "from 1 to 3 calls", "from 3 to 5 calls"), 40 * MB)


def test_dear_crowd_is_not_hidden_by_many_single_calls() -> None:
    """Twenty cycles with one call of 40 MB, and 400 MB for each call beyond: the dearest step comes first."""
    one = LOADED + 40 * MB
    levels = {"three-at-once": one + 2 * 400 * MB, "five-at-once": one + 4 * 400 * MB}
    finding = judge(Run(cycles=20, levels=levels).recording(), Rules())
    assert finding.status is Status.FAIL
    assert [(step.what, step.value) for step in finding.measurements[:3]] == [
        ("from 1 to 3 calls", 400 * MB),
        ("from 3 to 5 calls", 400 * MB),
        ("from 0 to 1 call", 40 * MB),
    ]


def test_scenario_with_one_call_is_not_run() -> None:
    """Without a call after the first there is no further connection."""
    recording = Run(cycles=0).recording()
    calm = tuple(
        Phase(phase.t, phase.name, phase.edge, 0 if phase.name != "first-call" else 1)
        for phase in recording.phases
    )
    assert judge(replace(recording, phases=calm), Rules()).status is Status.NOT_RUN


GROUPS = ("first-call", "second-call", "three-at-once")
PLANNED = tuple(
    PlannedPhase(name, calls) for name, calls in (*zip(GROUPS, (1, 1, 3), strict=True), ("after-all", 0))
)


def in_groups(*names: str) -> Recording:
    """Make a run of a scenario file with these groups of calls, one after the other, and no rest between them."""
    recording = Run(cycles=0).recording()
    kept = ("baseline", *names, "after-all")
    return replace(recording, phases=tuple(phase for phase in recording.phases if phase.name in kept))


@pytest.mark.parametrize(
    ("groups", "status"),
    [(GROUPS[:2], Status.NOT_RUN), (GROUPS[1:], Status.NOT_RUN), (GROUPS, Status.PASS)],
)
def test_scenario_in_which_calls_do_not_become_more_is_not_run(
    groups: tuple[str, ...], status: Status
) -> None:
    """The first group loads the models; only one with more calls than the one before it shows what these cost."""
    assert judge(in_groups(*groups), Rules()).status is status


def test_more_calls_that_were_planned_and_did_not_come_are_an_error() -> None:
    """The run broke off before."""
    recording = in_groups(*GROUPS[:2])
    header = replace(recording.header, planned=PLANNED)
    assert judge(replace(recording, header=header, end=None), Rules()).status is Status.ERROR
    header = replace(header, planned=(*PLANNED[:2], PLANNED[-1]))
    assert judge(replace(recording, header=header, end=None), Rules()).status is Status.NOT_RUN


@pytest.mark.parametrize(
    ("whole", "step", "status"),
    [
        (True, "vanished", Status.NOT_RUN),
        (True, "agent_left", Status.ERROR),
        (False, "vanished", Status.ERROR),
    ],
)
def test_scenario_whose_crowds_leave_by_themselves_is_not_run(
    whole: bool, step: CallEventStep, status: Status
) -> None:
    """A level of them can never be taken; but an agent that left hides it, and so does a run that broke off."""
    recording = in_groups(*GROUPS)
    calls = tuple(
        replace(event, t=event.t - 5, step=step)
        if (event.phase, event.step) == ("three-at-once", "hung_up")
        else event
        for event in recording.calls
    )
    gone = replace(recording, calls=calls, end=recording.end if whole else None)
    assert judge(gone, Rules()).status is status


def test_unmeasured_crowd_is_an_error() -> None:
    """When five calls were up and their memory was not seen, the rest does not speak for them."""
    recording = Run().recording()
    begin_t, end_t = (phase.t for phase in recording.phases if phase.name == "five-at-once")
    kept = tuple(sample for sample in recording.memory if not begin_t <= sample.t <= end_t)
    finding = judge(replace(recording, memory=kept), Rules())
    assert finding.status is Status.ERROR
    assert "5 concurrent calls" in finding.reason


def left_early(fault: Fault | None = None) -> tuple[CallEvent, ...]:
    """Let two of the five calls at once end 3 s before they hang up, by the agent's leaving or by somebody's fault."""
    recording = Run().recording()
    ends = {event.call: event for event in recording.calls if event.phase == "five-at-once"}
    gone = [
        replace(
            event, t=event.t - 3.0, step="failed" if fault else "agent_left", detail="it stopped", fault=fault
        )
        for event in list(ends.values())[-2:]
    ]
    return (*recording.calls, *gone)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (None, "3 of 5 calls were up while five-at-once was measured: call-09 ended at"),
        (
            "server",
            "3 of 5 calls were up while five-at-once was measured: calls that failed because of the LiveKit server",
        ),
    ],
)
def test_a_crowd_of_which_some_had_left_is_an_error(fault: Fault | None, says: str) -> None:
    """Five planned calls of which three were up cost as much as three; who ended them is said."""
    finding = judge(replace(Run().recording(), calls=left_early(fault)), Rules())
    assert finding.status is Status.ERROR
    assert says in finding.reason


def test_a_caller_who_left_early_leaves_no_level() -> None:
    """What a script has callers do is nobody's fault; the other phases with so many calls are judged."""
    recording = Run().recording()
    ends = [event for event in recording.calls if (event.phase, event.step) == ("cycle-04", "hung_up")]
    calls = tuple(replace(event, t=event.t - 2.0) if event in ends else event for event in recording.calls)
    dear = Run(levels={"cycle-04": 1}).recording()
    finding = judge(replace(dear, calls=calls), Rules())
    assert finding.status is Status.PASS


def test_a_call_that_hangs_up_as_its_phase_ends_was_up() -> None:
    """Callers leave when the level has been taken."""
    assert judge(Run().recording(), Rules()).status is Status.PASS
