"""The scenarios as data: what the judges rely on, and how long they may take."""

import pytest
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import load_library
from voicegate.drive.scenario import (
    PAGE,
    SCENARIOS,
    VARIANTS,
    Calls,
    Rest,
    Scenario,
    Step,
    announced,
    describe,
    expected_s,
    planned_phases,
)
from voicegate.drive.script import ScriptStep
from voicegate.names import ScenarioName
from voicegate.settings import VariantSection, VariantsSection

EVERY = pytest.mark.parametrize("name", SCENARIOS)


def all_steps(name: ScenarioName) -> tuple[Step, ...]:
    """List the steps of a scenario, its calls from a web page and the steps of its variants."""
    scenario = SCENARIOS[name]
    page = (PAGE,) if scenario.page else ()
    return (*scenario.steps, *page, *(step for variant in scenario.variants for step in VARIANTS[variant]))


def test_the_full_scenario_has_the_phases_the_judges_know() -> None:
    """In this order: levels without calls between the first calls, then three, five, twenty cycles, and quiet."""
    phases = [step.phase for step in SCENARIOS["full"].steps]
    cycles = [f"{prefix}cycle-{n:02}" for n in range(1, 21) for prefix in ("", "after-")]

    assert phases == [
        *("baseline", "first-call", "after-first", "second-call", "after-second"),
        *("three-at-once", "five-at-once", "after-all"),
        *cycles,
        "quiet",
    ]
    assert {s.phase: s.callers for s in SCENARIOS["full"].steps if isinstance(s, Calls)}["five-at-once"] == 5


def test_the_full_scenario_fits_eight_minutes() -> None:
    """Its variants come on top."""
    assert expected_s(SCENARIOS["full"].steps) <= 480


def test_steps_are_announced_one_by_one() -> None:
    """Each when it is asked for, with its place in the whole."""
    told: list[str] = []
    steps = announced((Calls("first-call", 1, ("code",)), Rest("after-first", 4)), told.append)

    assert told == []
    next(steps)
    assert told == [" 1/2  first-call: 1 caller"]
    next(steps)
    assert told[1:] == [" 2/2  after-first: 4 s without calls"]


@EVERY
def test_there_are_enough_clips(name: ScenarioName) -> None:
    """Every turn of the main run that speaks a code has one of its own, those on the web page too; so has every turn of a variant, whose agent is another."""
    scenario = SCENARIOS[name]
    variants = [VARIANTS[variant] for variant in scenario.variants]
    supply = ClipSupply(load_library())
    for steps in ((*scenario.steps, *((PAGE,) if scenario.page else ())), *variants):
        codes: list[str] = []
        for step in (one for one in steps if isinstance(one, Calls)):
            for clips in supply.take_for(step):
                codes += [clip.code for clip in clips if clip.code is not None]
                supply.end_call(clips)
        assert len(set(codes)) == len(codes) >= 1


@EVERY
def test_calls_stay_up_long_enough_to_settle(name: ScenarioName) -> None:
    """Phases whose memory is compared hold their callers, silent, for the window that is judged; scripted calls are none."""
    calls = [step for step in SCENARIOS[name].steps if isinstance(step, Calls) and not step.script]
    held = [step for step in calls if not step.phase.startswith("cycle")]

    assert all(step.settle_s >= 4 for step in held)


def test_a_scenario_describes_itself() -> None:
    """One line with what will happen and for how long."""
    steps: tuple[Step, ...] = (Calls("x", 3, ("code",)), Calls("y", 1, ("code",)))

    assert describe(steps) == "2 phases, 4 calls, up to 3 at once, about 0.5 minutes"
    rest = Rest("z", 2, until_rooms_gone=True)
    assert describe((*steps, rest, rest)).endswith(
        "0.6 minutes, up to 0.7 more where the agent leaves its rooms open"
    )


def test_a_profile_has_rests_to_grow_between() -> None:
    """One after every call, most of them when half of the calls were made; callers wait for an agent that is slowed."""
    steps = SCENARIOS["profile"].steps
    calls = [step for step in steps if isinstance(step, Calls)]
    rests = [step for step in steps if isinstance(step, Rest)]
    assert [step.callers for step in calls] == [1, 3, 1, 1, 1, 1]
    assert len(rests) == len(calls) + 2, "the last one waits for the rooms"
    assert all(step.join_timeout_s == 120 and step.reply_timeout_s == 45 for step in calls)
    assert expected_s(steps) < 120


def test_each_group_of_scripted_calls_is_planned() -> None:
    """Groups have steps of their own, which are judged whichever group they are in; cycles are all alike."""
    scripts = (ScriptStep("code"),), (ScriptStep("sentence"),), (ScriptStep(sound="noise", for_s=5),)
    names = ("conversation", "conversation-2", "conversation-3")
    steps = tuple(
        Calls(name, 1, ("code",), script=script) for name, script in zip(names, scripts, strict=True)
    )
    planned = planned_phases(Scenario(steps), VariantsSection(), reports=False)
    assert [(phase.name, phase.steps) for phase in planned] == [
        ("conversation", ("turn",)),
        ("conversation-2", ("turn",)),
        ("conversation-3", ("quiet",)),
    ]


def test_what_is_planned_is_known_beforehand() -> None:
    """Of many cycles one, variants that the gate file has, and waiting for reports only where there are any."""
    variants = VariantsSection(unshared=VariantSection())
    planned = planned_phases(SCENARIOS["full"], variants, reports=True)
    assert [phase.name for phase in planned] == [
        *("baseline", "first-call", "after-first", "second-call", "after-second"),
        *("three-at-once", "five-at-once", "after-all", "cycle-01", "after-cycle-01", "quiet", "unshared"),
    ]
    assert {phase.concurrent_calls for phase in planned} == {0, 1, 3, 5}
    assert planned[-1].variant == "unshared"
    assert planned_phases(SCENARIOS["pair"], VariantsSection(), reports=False)[-1].variant is None
