"""The turns of a call: what is said and heard belongs to the turn in which it came."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from voicegate.drive.call_turns import CallTurns
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Ear, Earphone
from voicegate.drive.microphone import Microphone, Said
from voicegate.drive.session_reports import SessionReports
from voicegate.drive.transcripts import Segment, Transcripts
from voicegate.limits import TurnLimits
from voicegate.measure.speech import measure_speech
from voicegate.record.events import CallSound, Turn
from voicegate.record.timeline import RATE, Track
from voicegate.record.wav import Samples

HUNG_UP_T = 20.0
FRAME_S = 0.04  # sound arrives without a break, in frames


def tone(seconds: float) -> Samples:
    """Make a sound that is heard."""
    return np.asarray(9000 * np.sin(np.arange(round(seconds * RATE)) / 5), np.int16)


def clip(name: str, *, goodbye: bool = False) -> Clip:
    """Make something to say."""
    return Clip(name, "beep", "1234", "My code is 1234.", tone(1.0), goodbye=goodbye)


def call_with(said_t: Sequence[float], closed_t: float | None = None, *, goodbye: bool = False) -> CallTurns:
    """Have a call that says something at these times, and closes its last turn; the agent speaks at 3, 7, 9 and 14 s."""

    def now() -> float:
        return HUNG_UP_T

    call = CallTurns(
        "call-01", "en", Microphone(now), Earphone(now), Transcripts("me", now), SessionReports(now)
    )
    for begin_t in said_t:
        call.microphone.sent.add(begin_t, tone(1.0))
        call.open(clip(f"at {begin_t:g}", goodbye=goodbye), Said(begin_t, begin_t + 1.0), None, ())
    if closed_t is not None:
        call.close_last(closed_t)
    call.earphone.ears.append(ear := Ear())
    heard = Track()
    for begin_t in (3.0, 7.0, 9.0, 14.0):
        heard.add(begin_t, tone(0.5))
        call.transcripts._segments[f"{begin_t}"] = Segment(
            begin_t, by_caller=False, final=True, pieces=[(begin_t, f"Said at {begin_t:g}.")]
        )
    for at, frame in enumerate(
        np.split(heard.render(0.0, HUNG_UP_T, arrived=False), round(HUNG_UP_T / FRAME_S))
    ):
        ear.heard.add(at * FRAME_S, frame)
    return call


def saved(call: CallTurns, folder: Path) -> list[Turn]:
    """Save the call, and give its turns."""
    return [one for one in call.saved(0.0, HUNG_UP_T, folder, whole_call=False) if isinstance(one, Turn)]


def heard_s(turn: Turn) -> float:
    """Tell how long the agent was heard in a turn."""
    assert turn.heard_loudness is not None
    speech = measure_speech(turn.heard_loudness, TurnLimits())
    return 0.0 if speech is None else speech.sounding_s


async def test_a_turn_lasts_until_the_next_one_begins(tmp_path: Path) -> None:
    """And the last one until the caller hangs up: text and sound alike."""
    turns = saved(call_with((1.0, 5.0, 12.0)), tmp_path)
    assert [turn.reply_text for turn in turns] == ["Said at 3.", "Said at 7. Said at 9.", "Said at 14."]
    assert [heard_s(turn) for turn in turns] == pytest.approx([0.5, 1.0, 0.5], abs=0.01)
    assert [turn.index for turn in turns] == [0, 1, 2]


async def test_what_is_said_after_a_turn_was_closed_is_no_reply_to_it(tmp_path: Path) -> None:
    """A script begins then: what the agent says of its own accord is no part of the answer before it."""
    (turn,) = saved(call_with((5.0,), closed_t=8.0), tmp_path)
    assert turn.reply_text == "Said at 7."
    assert heard_s(turn) == pytest.approx(0.5, abs=0.01)


async def test_a_turn_is_closed_once(tmp_path: Path) -> None:
    """Whoever closes it later does not make it longer; and a call that said nothing has none to close."""
    call = call_with((5.0,), closed_t=8.0)
    call.close_last(10.0)
    (turn,) = saved(call, tmp_path)
    assert turn.reply_text == "Said at 7."
    assert saved(call_with((), closed_t=8.0), tmp_path) == []


async def test_the_last_turn_of_a_call_without_kept_sound(tmp_path: Path) -> None:
    """It has what was heard until now, and names no file."""
    call = call_with((1.0, 5.0))
    turn = await call.last(8.0)
    assert (turn.index, turn.reply_text, turn.heard_audio) == (1, "Said at 7.", None)
    assert heard_s(turn) == pytest.approx(0.5, abs=0.01)


async def test_the_sound_of_a_whole_call_comes_behind_its_turns(tmp_path: Path) -> None:
    """Both sides, from dialing on."""
    *_, sound = call_with((1.0,)).saved(0.5, HUNG_UP_T, tmp_path, whole_call=True)
    assert isinstance(sound, CallSound)
    assert (sound.t, sound.said.after_s, sound.heard.after_s) == (0.5, 0.5, 2.5)


async def test_a_call_ends_with_a_goodbye_if_that_was_said_last() -> None:
    """Not where nothing was said."""
    assert [
        call_with(said_t, goodbye=bye).end_with_goodbye
        for said_t, bye in (((), True), ((1.0,), False), ((1.0,), True))
    ] == [False, False, True]
