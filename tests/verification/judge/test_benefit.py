"""G10."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, WEIGHTS_BYTES, Run, change_variant, cut_at, phase_begin
from voicegate.judge.benefit import judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording

LEAST = WEIGHTS_BYTES * 8 // 10
SHARED = 40 * MB
GOOD = Run(cycles=0, variants=("unshared",)).recording()


@pytest.mark.parametrize(
    ("saving_bytes", "status"), [(LEAST - 1, Status.FAIL), (LEAST, Status.PASS), (LEAST + 1, Status.PASS)]
)
def test_saving_limit(saving_bytes: int, status: Status) -> None:
    """Sharing must save 80 % of the weights with every call."""
    run = Run(cycles=0, per_call_bytes=SHARED, unshared_per_call_bytes=SHARED + saving_bytes)
    assert judge(run.recording(), Rules()).status is status


def test_both_levels_stand_side_by_side() -> None:
    """The evidence puts three calls with and without sharing next to each other."""
    finding = judge(GOOD, Rules())
    assert finding.status is Status.PASS
    assert finding.evidence[0] == "3 calls: 3.18 GB without sharing, 1.45 GB with"


def test_agent_that_shares_nothing_fails() -> None:
    """An agent that loads for every call in the main run too saves nothing."""
    run = Run(cycles=0, per_call_bytes=890 * MB, unshared_per_call_bytes=890 * MB)
    finding = judge(run.recording(), Rules())
    assert finding.status is Status.FAIL
    assert "saving from 0 to 1 call: 0 B per call" in finding.reason


def test_a_variant_in_which_only_the_first_call_loads_fails() -> None:
    """The step to the crowd is judged by itself: the further calls saved nothing."""
    variant = GOOD.variants["unshared"]
    first_t, crowd_t = phase_begin(variant, "first-call"), phase_begin(variant, "three-at-once")
    first = next(one for one in variant.memory if one.t >= first_t + 5)
    kept = tuple(replace(first, t=one.t) if one.t >= crowd_t else one for one in variant.memory)
    finding = judge(change_variant(GOOD, "unshared", memory=kept), Rules())
    assert finding.status is Status.FAIL
    assert "saving from 1 to 3 calls: " in finding.reason


def test_noise_across_the_limit_is_an_error() -> None:
    """When memory moves by 60 MB while the first call of the variant is up, the saving may be too small: nothing is decided."""
    recording = Run(cycles=0, unshared_per_call_bytes=SHARED + LEAST + 5 * MB).recording()
    variant = recording.variants["unshared"]
    begin_t = phase_begin(variant, "first-call")
    kept = tuple(
        replace(
            one,
            processes=(
                replace(one.processes[0], pss_bytes=one.processes[0].pss_bytes + 60 * MB),
                *one.processes[1:],
            ),
        )
        if begin_t <= one.t < begin_t + 8 and number % 2
        else one
        for number, one in enumerate(variant.memory)
    )
    finding = judge(change_variant(recording, "unshared", memory=kept), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason


def test_each_step_is_judged() -> None:
    """A first call that costs 60 MB more for itself does not make up for what two further ones do not save."""
    saving_bytes = LEAST + 20 * MB
    recording = Run(
        cycles=0, per_call_bytes=SHARED, unshared_per_call_bytes=SHARED + saving_bytes
    ).recording()
    variant = recording.variants["unshared"]
    begin_t = phase_begin(variant, "first-call")
    kept = tuple(
        replace(
            one,
            processes=(
                replace(one.processes[0], pss_bytes=one.processes[0].pss_bytes + 60 * MB),
                *one.processes[1:],
            ),
        )
        if begin_t <= one.t < begin_t + 8
        else one
        for one in variant.memory
    )
    finding = judge(change_variant(recording, "unshared", memory=kept), Rules())
    assert finding.status is Status.FAIL
    assert [round((one.value - LEAST) / MB) for one in finding.measurements] == [-10, 80]


def test_rest_after_a_call_does_not_count() -> None:
    """Models that take their time to go do not make the cost of a call uncertain."""
    variant = GOOD.variants["unshared"]
    begin_t = phase_begin(variant, "after-first")
    first = {one.t: one for one in variant.memory}[phase_begin(variant, "first-call") + 5]
    slow = tuple(replace(first, t=one.t) if begin_t <= one.t < begin_t + 7 else one for one in variant.memory)
    finding = judge(change_variant(GOOD, "unshared", memory=slow), Rules())
    assert finding.status is Status.PASS
    assert finding.measurements == judge(GOOD, Rules()).measurements


def test_unmeasured_crowd_is_an_error() -> None:
    """Without the level of three calls the first call alone does not speak for them."""
    variant = GOOD.variants["unshared"]
    begin_t, end_t = (phase.t for phase in variant.phases if phase.name == "three-at-once")
    kept = tuple(one for one in variant.memory if not begin_t <= one.t <= end_t)
    finding = judge(change_variant(GOOD, "unshared", memory=kept), Rules())
    assert finding.status is Status.ERROR
    assert "no settled memory with 3 calls without sharing" in finding.reason


@pytest.mark.parametrize("changes", [{"memory": ()}, {"phases": ()}])
def test_act_without_levels_is_an_error(changes: dict[str, object]) -> None:
    """A variant in which nothing was weighed shows nothing."""
    assert judge(change_variant(GOOD, "unshared", **changes), Rules()).status is Status.ERROR


def test_act_cut_off_is_an_error() -> None:
    """A variant that stops before its callers came is not measured."""
    variant = GOOD.variants["unshared"]
    finding = judge(cut_at(GOOD, phase_begin(variant, "three-at-once") + 1), Rules())
    assert finding.status is Status.ERROR
    assert "variant unshared: the recording was cut off" in finding.reason


def test_skipped_variant_is_an_error_with_its_reason() -> None:
    """A variant for which there was no memory says so."""
    variant = GOOD.variants["unshared"].variant
    assert variant is not None
    skipped = Recording(GOOD.header, variant=replace(variant, skipped="4.1 GB are needed, 2.0 GB are free"))
    finding = judge(replace(GOOD, variants={"unshared": skipped}), Rules())
    assert finding.status is Status.ERROR
    assert "4.1 GB are needed, 2.0 GB are free" in finding.reason


def test_scenario_without_the_variant_is_not_run() -> None:
    """A scenario that has no such variant never meant to measure this."""
    assert judge(replace(GOOD, variants={}), Rules()).status is Status.NOT_RUN


def test_unknown_weights_are_an_error() -> None:
    """Without the size of the weights 80 % of them is unknown."""
    finding = judge(Run(cycles=0, weights_bytes=None).recording(), Rules())
    assert finding.status is Status.ERROR
    assert "weights_bytes" in finding.advice


def test_a_variant_whose_calls_had_left_is_an_error() -> None:
    """Without sharing three calls cost little when two of them are gone."""
    variant = GOOD.variants["unshared"]
    gone = [event for event in variant.calls if (event.phase, event.step) == ("three-at-once", "hung_up")][:2]
    left = tuple(replace(event, t=event.t - 3, step="agent_left") for event in gone)
    finding = judge(change_variant(GOOD, "unshared", calls=(*variant.calls, *left)), Rules())
    assert finding.status is Status.ERROR
    assert "1 of 3 calls were up while three-at-once was measured" in finding.reason
