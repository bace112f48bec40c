"""Handing clips out: codes once, then again after a rest."""

from dataclasses import replace

import numpy as np
import pytest
from voicegate.drive.clip_supply import REST_CALLS, ClipSupply, check_supply
from voicegate.drive.clips.library import Clip, ClipLibrary, load_library
from voicegate.drive.errors import ClipError
from voicegate.drive.scenario import SCENARIOS, VARIANTS, Calls, Scenario
from voicegate.drive.soak import soak_scenario
from voicegate.settings import load_settings


def library(codes: int, sentences: int = 2) -> ClipLibrary:
    """Make a library of silent clips."""
    names = [(f"code-{n}", str(1000 + n)) for n in range(codes)] + [
        (f"s-{n}", None) for n in range(sentences)
    ]
    silence = np.zeros(8, np.int16)
    return ClipLibrary(tuple(Clip(name, name, code, name, silence) for name, code in names))


def test_each_code_is_handed_out_once() -> None:
    """Then none is left as long as no call has ended."""
    supply = ClipSupply(library(codes=3))

    assert len({supply.take("code").code for _ in range(3)}) == 3
    with pytest.raises(ClipError, match="10 other calls have ended"):
        supply.take("code")


def test_a_code_rests_before_it_is_said_again() -> None:
    """The one whose call ended first comes first, after REST_CALLS further calls and not one sooner."""
    supply = ClipSupply(library(codes=REST_CALLS + 1))
    clips = [supply.take("code") for _ in range(REST_CALLS + 1)]
    for clip in clips[:REST_CALLS]:
        supply.end_call([clip])
    with pytest.raises(ClipError):
        supply.take("code")
    supply.end_call(clips[REST_CALLS:])

    assert supply.take("code") is clips[0]
    with pytest.raises(ClipError):
        supply.take("code")


def test_sentences_come_in_turns_without_end() -> None:
    """Nobody is told apart by them."""
    supply = ClipSupply(library(codes=1, sentences=2))
    said = [supply.take("sentence").name for _ in range(4)]
    supply.end_call([])

    assert said == ["s-0", "s-1", "s-0", "s-1"]


def test_a_library_without_sentences_gives_codes() -> None:
    """Clips of one's own need not have both."""
    assert ClipSupply(library(codes=1, sentences=0)).take("sentence").code == "1000"


@pytest.mark.parametrize("scenario", [*SCENARIOS.values(), soak_scenario(1000)], ids=[*SCENARIOS, "soak"])
def test_the_clips_of_the_gate_are_enough(scenario: Scenario) -> None:
    """For every scenario with all of its variants."""
    clips = load_library(load_settings().scenario.clips)
    check_supply(clips, [*scenario.steps, *(step for name in scenario.variants for step in VARIANTS[name])])


def test_too_few_clips_are_found_beforehand() -> None:
    """One code is missing for the third caller; sentences are said again at once."""
    steps = [Calls("a", 1, ("code", "sentence")), Calls("b", 2, ("code", "sentence"))]
    check_supply(library(codes=3), steps)
    with pytest.raises(ClipError, match="not enough clips"):
        check_supply(library(codes=2), steps)


def test_callers_without_end_share_codes_when_there_are_too_few() -> None:
    """Then a crossing between the two who share cannot be seen, and is not claimed."""
    supply = ClipSupply(library(codes=3), seed=1)
    calls = [[supply.take("code")] for _ in range(5)]
    assert {clip.code for call in calls[:3] for clip in call} == {"1000", "1001", "1002"}
    assert not any({clip.code for clip in call} & supply.foreign(call) for call in calls)


def test_callers_without_end_say_the_code_that_was_said_longest_ago() -> None:
    """One that is in use is passed over, though it would be its turn."""
    supply = ClipSupply(library(codes=3), seed=1)
    kept, other = supply.take("code"), supply.take("code")
    supply.end_call([other])
    third = supply.take("code")
    assert third.code not in (kept.code, other.code)
    supply.end_call([third])
    assert supply.take("code") is other


def test_foreign_codes_are_those_that_others_speak_now() -> None:
    """Not those of calls that have ended."""
    supply = ClipSupply(library(codes=3), seed=1)
    mine, others, ended = ([supply.take("code")] for _ in range(3))
    supply.end_call(ended)
    assert supply.foreign(mine) == {others[0].code}


def test_a_seed_sets_the_order() -> None:
    """So that two processes of callers do not begin with the same code."""
    first = {ClipSupply(library(codes=20), seed).take("code").code for seed in range(8)}
    assert len(first) > 1


def test_a_pause_asks_for_a_clip_with_room_for_it() -> None:
    """A code of which it is known where to pause comes first then; without one, any does."""
    codes = library(codes=3).clips
    supply = ClipSupply(ClipLibrary((codes[0], replace(codes[1], pause_s=0.0002), codes[2])))

    assert [supply.take("code", pause=True).name for _ in range(3)] == ["code-1", "code-0", "code-2"]
