"""Codes for callers who come and go."""

import numpy as np
from voicegate.drive.clips.library import Clip, ClipLibrary
from voicegate.load.code_rotation import CodeRotation


def clip(name: str, code: str | None) -> Clip:
    """Make a clip without sound."""
    return Clip(name, name, code, name, np.zeros(1, np.int16))


CODES = tuple(clip(f"code-{code}", code) for code in ("1111", "2222", "3333"))
LIBRARY = ClipLibrary((*CODES, clip("hello", None), clip("bye", None)))


def test_calls_that_last_say_different_codes() -> None:
    """As long as there are enough."""
    rotation = CodeRotation(LIBRARY, seed=1)
    assert {rotation.take(["code"])[0].code for _ in CODES} == {"1111", "2222", "3333"}


def test_the_code_that_rested_longest_is_next() -> None:
    """Not the one that was just given back."""
    rotation = CodeRotation(LIBRARY, seed=1)
    first, second = rotation.take(["code"]), rotation.take(["code"])
    rotation.give_back(second)
    rotation.give_back(first)
    third = rotation.take(["code"])[0]
    assert third.code not in (first[0].code, second[0].code)


def test_a_code_in_use_is_passed_over() -> None:
    """Though it would be its turn."""
    rotation = CodeRotation(LIBRARY, seed=1)
    kept = rotation.take(["code"])
    for _ in range(6):
        other = rotation.take(["code"])
        assert other[0].code != kept[0].code
        rotation.give_back(other)


def test_more_callers_than_codes_share_them() -> None:
    """Load has no end; then a crossing between the two who share cannot be seen, and is not claimed."""
    rotation = CodeRotation(LIBRARY, seed=1)
    calls = [rotation.take(["code"]) for _ in range(5)]
    assert all(call[0].code is not None for call in calls)
    assert not any({clip.code for clip in call} & rotation.foreign(call) for call in calls)


def test_foreign_codes_are_those_that_others_speak_now() -> None:
    """Not those that were given back."""
    rotation = CodeRotation(LIBRARY, seed=1)
    mine, others, ended = (rotation.take(["code"]) for _ in range(3))
    rotation.give_back(ended)
    assert rotation.foreign(mine) == {others[0].code}


def test_sentences_come_in_turns_and_codes_stand_in_for_them() -> None:
    """Where a folder of clips has none."""
    rotation = CodeRotation(LIBRARY, seed=1)
    assert {clip.name for clip in rotation.take(["sentence", "sentence"])} == {"hello", "bye"}
    assert CodeRotation(ClipLibrary(CODES), seed=1).take(["sentence"])[0].code is not None
