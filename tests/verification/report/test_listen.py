"""Which calls the page shows, in which order, and which of them can be heard."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from fakes.conversations import INTERRUPTION, conversation
from fakes.recordings import Run, change_turn, with_failed_call
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording
from voicegate.record.wav import write_wav
from voicegate.report.listen import MOST_CALLS, MOST_TURNS, Listening, listen
from voicegate.report.step_tables import step_tables

GOOD = Run().recording()


def listened(recording: Recording, folder: Path | None = None) -> Listening:
    """Choose the calls of a recording."""
    return listen(recording, Rules(), step_tables(recording, Rules()), folder)


def names(found: Listening) -> list[str]:
    """Name the calls in their order."""
    return [one.call.name for one in found.calls]


def test_good_calls_come_as_they_were_made() -> None:
    """And nothing is said against them."""
    found = listened(GOOD)
    assert names(found) == sorted(names(found))
    assert {(one.label, one.wrong, one.whose) for one in found.calls} == {("", (), "")}
    assert (found.left_out, found.with_sound) == (0, 0)


def test_calls_that_went_wrong_come_first() -> None:
    """The agent's own first, then those of others, then all that went well."""
    recording = with_failed_call(change_turn(GOOD, "call-09", reply_text=None), "server")
    first, second, *others = listened(recording).calls
    assert (first.call.name, first.label, first.status) == ("call-09", "WENT WRONG", "fail")
    assert first.wrong == ("a turn got no reply text",)
    assert (second.call.name, second.status, second.whose) == ("call-99", "error", "server")
    assert not any(one.label for one in others)


def test_a_step_that_did_not_go_as_expected_is_wrong() -> None:
    """With what came instead, and its table."""
    found = listened(conversation({INTERRUPTION: [(0.0, 0.9)]}))
    (wrong,) = (one for one in found.calls if one.label)
    assert wrong.wrong == (f"step {INTERRUPTION + 1}: silent after 0.90 s, answered",)
    assert wrong.steps is not None


def test_a_call_that_ended_with_the_run_is_marked_as_such() -> None:
    """It is nobody's fault, and comes before those that went well."""
    found = listened(with_failed_call(GOOD, "run"))
    assert (found.calls[0].call.name, found.calls[0].label) == ("call-99", "CUT OFF")


def test_a_page_has_room_for_so_many() -> None:
    """The calls that went wrong are never left out for those that went well."""
    made = len({event.call for event in GOOD.calls})
    last = f"call-{made:02d}"
    calls = tuple(replace(one, call=f"{one.call}-{n}") for n in range(5) for one in GOOD.calls)
    turns = tuple(replace(one, call=f"{one.call}-{n}") for n in range(5) for one in GOOD.turns)
    many = replace(GOOD, calls=calls, turns=turns)
    found = listened(change_turn(many, f"{last}-4", reply_text=None))
    assert len(found.calls) == MOST_CALLS
    assert names(found)[0] == f"{last}-4"
    assert found.left_out == 5 * made - MOST_CALLS


def test_a_call_of_very_many_turns_is_alone() -> None:
    """It is shown as far as there is room."""
    (turn, *others) = GOOD.turns
    many = tuple(replace(turn, index=index) for index in range(MOST_TURNS + 1))
    assert len(listened(replace(GOOD, turns=(*many, *others))).calls) == 1


def test_sound_goes_with_the_calls_whose_files_are_there(tmp_path: Path) -> None:
    """The others are shown without."""
    turn = next(one for one in GOOD.turns if one.said_audio and one.heard_audio)
    (tmp_path / "audio").mkdir()
    for path in (turn.said_audio, turn.heard_audio):
        write_wav(tmp_path / str(path), np.zeros(1600, np.int16), 16_000)
    found = listened(GOOD, tmp_path)
    assert [one.call.name for one in found.calls if one.sound] == [turn.call]
    assert found.with_sound == 1
