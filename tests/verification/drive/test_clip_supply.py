"""Handing clips out: codes once, then again after a rest."""

import numpy as np
import pytest
from voicegate.drive.clip_supply import REST_CALLS, ClipSupply, check_supply
from voicegate.drive.clips.library import Clip, ClipError, ClipLibrary, load_library
from voicegate.drive.scenario import ACTS, SCENARIOS, Calls, Scenario
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
    """For every scenario with all of its acts."""
    clips = load_library(load_settings().scenario.clips)
    check_supply(clips, [*scenario.steps, *(step for name in scenario.acts for step in ACTS[name])])


def test_too_few_clips_are_found_beforehand() -> None:
    """One code is missing for the third caller; sentences are said again at once."""
    steps = [Calls("a", 1, ("code", "sentence")), Calls("b", 2, ("code", "sentence"))]
    check_supply(library(codes=3), steps)
    with pytest.raises(ClipError, match="not enough clips"):
        check_supply(library(codes=2), steps)
