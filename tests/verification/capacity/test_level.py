"""Judging one level of a search."""

from dataclasses import replace

import pytest
from fakes.searches import MadeLevel, search_recording
from voicegate.capacity.level import judged_levels
from voicegate.capacity.result import LevelResult
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import CallEvent, CallEventStep, Recording

JOINED: tuple[CallEventStep, ...] = ("agent_joined", "agent_audio")
RULES = Rules(Limits(load_turn_p50_s=3.0, load_turn_p95_s=6.0, load_turn_p99_s=10.0, load_join_s=5.0))


def judged(level: MadeLevel, rules: Rules = RULES) -> LevelResult:
    """Judge a search of this level alone."""
    return judge(search_recording([level]), rules)


def judge(recording: Recording, rules: Rules = RULES) -> LevelResult:
    """Judge the only level of a recording."""
    (result,) = judged_levels(recording, rules)
    return result


def test_a_level_that_holds() -> None:
    """Everything is counted within the stretch in which all callers were there."""
    level = judged(MadeLevel(4))
    assert level.held is True
    assert (level.reasons, level.bottleneck) == ((), None)
    assert (level.turns, level.p50_s, level.p95_s) == (48, 1.0, 1.0)
    assert (level.calls_made, level.calls_failed) == (4, 0)
    assert level.judged_s == pytest.approx(60.0)
    assert level.turn_s == pytest.approx(5.0)
    assert level.join_p95_s == pytest.approx(1.0)
    assert level.peak_bytes == 900_000_000


@pytest.mark.parametrize(
    ("waits_s", "held"),
    [
        ((3.0,), True),
        ((3.01,), False),
        ((2.0,) * 13 + (6.0,), True),
        ((2.0,) * 11 + (6.01,), False),
    ],
)
def test_waits_are_held_against_the_limits(waits_s: tuple[float, ...], held: bool) -> None:
    """At the limit of median or 95th percentile it holds, beyond it does not."""
    level = judged(MadeLevel(4, waits_s=waits_s))
    assert level.held is held
    assert bool(level.reasons) is not held


def test_dialing_and_greeting_are_not_judged() -> None:
    """A slow turn while others still dial says nothing about this number of calls."""
    level = judged(MadeLevel(4, early_wait_s=14.0))
    assert level.held is True
    assert level.turns == 48


def test_turns_that_began_before_the_end_count_and_later_ones_do_not() -> None:
    """Callers are told to stop before the level ends; what they begin after that has less company."""
    recording = search_recording([MadeLevel(4)])
    stop_t = next(phase.t for phase in recording.phases if phase.name == "4-callers" and phase.edge == "end")
    late = [
        replace(recording.turns[0], index=90 + at, speech_start_t=stop_t + by, latency_s=14.0)
        for at, by in enumerate((-0.1, 0.1))
    ]
    level = judge(replace(recording, turns=(*recording.turns, *late)))
    assert level.turns == 49
    assert level.p99_s is not None
    assert level.p99_s > 1.0


def test_a_call_that_the_end_broke_off_keeps_its_turns() -> None:
    """And is no failed call."""
    level = judged(MadeLevel(4, broken_off=True))
    assert (level.held, level.turns, level.calls_failed) == (True, 48, 0)


def test_failed_calls_break_a_level() -> None:
    """One of five is more than 1 %."""
    level = judged(MadeLevel(4, failing=1))
    assert level.held is False
    assert level.calls_failed == 1
    assert level.reasons == ("calls that failed: 20.0 %, must be ≤ 1.0 %; no agent joined within 20 s",)


def test_an_agent_that_does_not_come_has_a_limit_of_its_own() -> None:
    """That is no matter of processors."""
    recording = search_recording([MadeLevel(4, failing=1)])
    events = tuple(
        replace(event, detail="no agent joined within 20 s") if event.step == "failed" else event
        for event in recording.calls
    )
    level = judge(replace(recording, calls=events))
    assert level.bottleneck is not None
    assert level.bottleneck.kind == "admission"


def test_calls_that_failed_on_their_callers_side_break_a_level() -> None:
    """More calls are not to be had here, whoever is to blame."""
    recording = search_recording([MadeLevel(4, failing=1)])
    events = tuple(
        replace(event, fault="caller") if event.step == "failed" else event for event in recording.calls
    )
    level = judge(replace(recording, calls=events))
    assert level.held is False
    assert "because of the gate's own caller, not of the agent: 1" in level.reasons[0]
    assert level.bottleneck is not None


def test_callers_that_were_lost_leave_a_level_unjudged() -> None:
    """It was not that many calls."""
    recording = search_recording([MadeLevel(4, failing=1)])
    events = tuple(
        replace(event, fault="caller-process") if event.step == "failed" else event
        for event in recording.calls
    )
    level = judge(replace(recording, calls=events))
    assert level.held is None
    assert "lost with the process" in level.reasons[0]


def test_turns_without_reply_break_a_level() -> None:
    """Some without, and all without."""
    assert judged(MadeLevel(4, waits_s=(1.0, 1.0, None))).held is False
    none = judged(MadeLevel(4, waits_s=(None,)))
    assert none.held is False
    assert none.p95_s is None
    assert "turns without a reply: 100.0 %" in none.reasons[0]


def test_slow_joins_and_much_memory_break_a_level() -> None:
    """The other limits of a load run hold too."""
    assert "from dialing to the agent, p95" in judged(MadeLevel(2, join_s=5.1)).reasons[0]
    heavy = judged(MadeLevel(2, pss_bytes=3_000_000_000))
    assert heavy.held is False
    assert heavy.bottleneck is not None
    assert heavy.bottleneck.kind == "memory"


def test_criteria_that_are_turned_off_break_nothing() -> None:
    """What the gate file leaves out, no level is held against."""
    rules = replace(RULES, disabled={"L3-joins": "turned off"})
    assert judged(MadeLevel(2, join_s=5.1), rules).held is True


def test_few_turns_are_said() -> None:
    """A level that is too short for a percentile holds with a note."""
    level = judged(MadeLevel(2, for_s=20.0))
    assert level.held is True
    assert any("8 values are few: p95 needs 20" in note for note in level.notes)


def test_a_level_in_which_nobody_spoke_is_not_judged() -> None:
    """That is neither good nor bad."""
    level = judged(MadeLevel(2, for_s=4.0, every_s=5.0))
    assert level.held is None
    assert level.reasons == ("no caller came to say anything: let levels last longer",)


def test_a_level_of_which_something_could_not_be_measured_is_not_judged() -> None:
    """Memory that nobody could read may have been too much; a level that is broken anyway stays broken."""
    recording = search_recording([MadeLevel(2)])
    torn = tuple(replace(sample, complete=False) for sample in recording.memory)
    level = judge(replace(recording, memory=torn))
    assert level.held is None
    assert "L5 could not be measured: there is no complete memory sample" in level.reasons[0]
    slow = search_recording([MadeLevel(2, waits_s=(7.0,))])
    assert judge(replace(slow, memory=torn)).held is False


def test_a_call_that_the_end_broke_off_as_it_began_is_no_join() -> None:
    """Callers who talked their call to its end dial again, and then the level ends."""
    recording = search_recording([MadeLevel(2)])
    stop_t = next(phase.t for phase in recording.phases if phase.name == "2-callers" and phase.edge == "end")
    dialed = CallEvent(stop_t - 0.2, "2-call-9", "dialed", "room", "load")
    cut = replace(dialed, t=stop_t + 1, step="failed", detail="broken off", fault="run")
    level = judge(replace(recording, calls=(*recording.calls, dialed, cut)))
    assert (level.held, level.reasons) == (True, ())


@pytest.mark.parametrize("ends", ["spoke later", "broken off", "spoke before", "silent"])
def test_calls_that_had_nothing_to_say_in_the_stretch_leave_no_caveat(ends: str) -> None:
    """They began as all were told to stop, or had spoken when the last came; one that lasted and said nothing is a caveat."""
    recording = search_recording([MadeLevel(4)])
    begin_t = next(phase.t for phase in recording.phases if phase.name == "level-04")
    stop_t = next(phase.t for phase in recording.phases if phase.name == "4-callers" and phase.edge == "end")
    full_t = max(event.t for event in recording.calls if event.step == "agent_audio")
    before = ends == "spoke before"
    dialed = CallEvent(begin_t + 1.6 if before else stop_t - 2, "4-call-9", "dialed", "room", "load")
    events = [dialed, *(replace(dialed, t=dialed.t + 0.2, step=step) for step in JOINED)]
    left = replace(dialed, t=full_t + 1 if before else stop_t + 9, step="hung_up")
    cut = replace(left, t=stop_t + 2, step="failed", detail="broken off", fault="run")
    events.append(cut if ends == "broken off" else left)
    said = replace(recording.turns[0], call="4-call-9", speech_start_t=full_t - 0.1 if before else stop_t + 1)
    turns = (*recording.turns, said) if ends.startswith("spoke") else recording.turns
    level = judge(replace(recording, calls=(*recording.calls, *events), turns=turns))
    if ends == "silent":
        assert (level.held, "calls without a recorded turn: 1" in level.reasons[0]) == (None, True)
    else:
        assert (level.held, level.reasons, level.turns) == (True, (), 48)


def test_callers_who_never_all_came_are_not_judged() -> None:
    """One was still dialing when all were told to stop."""
    recording = search_recording([MadeLevel(2)])
    dialing = tuple(e for e in recording.calls if e.call != "2-call-1" or e.step == "dialed")
    level = judge(replace(recording, calls=dialing))
    assert level.held is None
    assert "not all in a call" in level.reasons[0]
    assert judge(replace(recording, calls=())).held is None


def test_only_levels_that_ended_are_judged() -> None:
    """What Ctrl-C cut off is left out."""
    recording = search_recording([MadeLevel(1), MadeLevel(2, ends=False)])
    assert [level.calls for level in judged_levels(recording, RULES)] == [1]


def test_levels_do_not_see_each_other() -> None:
    """Each has its own turns and its own processors."""
    cores = (0.2, 1.2, 0.3)
    recording = search_recording([MadeLevel(1), MadeLevel(4, waits_s=(7.0,), agent_cores=cores)])
    one, four = judged_levels(recording, RULES)
    assert (one.held, one.p95_s, one.turns) == (True, 1.0, 12)
    assert (four.held, four.p95_s, four.turns) == (False, 7.0, 48)
    assert one.agent_cores == pytest.approx({"main": 0.1, "model-host": 0.6, "job": 0.2})
    assert four.agent_cores == pytest.approx({"main": 0.2, "model-host": 1.2, "job": 0.3})
    assert four.agent_total_cores == pytest.approx(1.7)


def test_a_broken_level_names_its_bottleneck() -> None:
    """From what was used in it."""
    level = judged(MadeLevel(4, waits_s=(7.0,), agent_cores=(0.2, 1.2, 0.3)))
    assert level.bottleneck is not None
    assert level.bottleneck.kind == "agent-cpu"
    assert "the model host used 1.2 of 2 cores, the whole agent 1.7" in level.bottleneck.text
    late = judged(MadeLevel(4, waits_s=(7.0,), lag_s=0.5))
    assert late.bottleneck is not None
    assert late.bottleneck.kind == "callers"


def test_a_level_of_a_client_is_not_judged() -> None:
    """The processes that are watched took no part in its calls: what was measured is not the agent's memory, nor its processors."""
    recording = search_recording([MadeLevel(4)])
    memory = tuple(
        replace(sample, processes=tuple(replace(one, call_sockets=0) for one in sample.processes))
        for sample in recording.memory
    )
    level = judge(replace(recording, memory=memory))
    assert level.held is None
    assert level.reasons[0].startswith("L5 could not be measured: the watched processes (")
    assert "the agent is elsewhere" in level.reasons[0]
