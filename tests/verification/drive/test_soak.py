"""Soaking: when it ends, what it tells, and what sound it keeps."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.recordings import Run
from voicegate.drive.listening import Listener
from voicegate.drive.scenario import Calls
from voicegate.drive.soak import KeptSound, soak_scenario, soaking
from voicegate.judge.registry import Limits
from voicegate.record.ears import Ears
from voicegate.record.events import CallEvent, Event, Turn
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, write_wav

GOOD = Run().recording().turns[0]


def phases(count: int, for_s: float | None = None, cycle_s: float = 10.0) -> tuple[list[str], list[str]]:
    """Play a soak whose cycles take so long; list its phases and what was told."""
    now, told = [0.0], list[str]()
    played = []
    for step in soaking(soak_scenario(count, for_s), lambda: now[0], lambda: 2, told.append):
        played.append(step.phase)
        now[0] += cycle_s if isinstance(step, Calls) else 0
    return played, told


def test_a_soak_of_so_many_cycles() -> None:
    """The first call, every cycle and its rest, and the reports; three digits where they are needed."""
    played, told = phases(101)

    assert played[:5] == ["baseline", "first-call", "after-first", "cycle-01", "after-cycle-01"]
    assert played[-3:] == ["cycle-101", "after-cycle-101", "quiet"]
    assert len(played) == 3 + 2 * 101 + 1
    assert told[3:5] == [
        "Cycle 1 of 101, 0 minutes so far, 2 calls failed",
        "Cycle 11 of 101, 2 minutes so far, 2 calls failed",
    ]


def test_a_soak_of_so_long() -> None:
    """No cycle begins when the time is up; the last one is followed by its rest, and by the reports."""
    played, told = phases(1000, for_s=45.0)

    assert played[-3:] == ["cycle-04", "after-cycle-04", "quiet"]
    assert "Cycle 1, 0 minutes so far, 2 calls failed" in told


class Ear:
    """Hears what it is told."""

    ears = Ears("an ear")

    def transcribe(self, samples: Samples) -> str:
        """Return the reply of the good turn."""
        return GOOD.reply_text or ""


@dataclass
class Shop:
    """A shelf, where its files are, and what was recorded."""

    folder: Path
    events: list[Event]
    shelf: KeptSound

    def call(self, number: int, **changes: Any) -> None:
        """Record the turn of a call, with its two files."""
        said, heard = (f"audio/call-{number}-{side}.wav" for side in ("said", "heard"))
        for name in (said, heard):
            write_wav(self.folder / name, np.zeros(RATE * 10, np.int16), RATE)
        turn = replace(GOOD, call=f"call-{number}", heard_text=None, audio_start_t=GOOD.t)
        self.shelf.emit(replace(turn, said_audio=said, heard_audio=heard, **changes))

    def kept(self) -> set[str]:
        """Name the calls of which there is sound."""
        return {path.name.rsplit("-", 1)[0] for path in (self.folder / "audio").iterdir()}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Have a shelf that keeps two calls."""
    (tmp_path / "audio").mkdir()
    events: list[Event] = []
    return Shop(tmp_path, events, KeptSound(Listener(Ear(), tmp_path, events.append), 2, Limits()))


async def test_the_sound_of_the_last_good_calls_is_kept(shop: Shop) -> None:
    """Older sound is deleted once it was listened to, and the recording says so."""
    for number in range(1, 5):
        shop.call(number)
        await shop.shelf.listen_and_delete()

    assert shop.kept() == {"call-3", "call-4"}
    last = {event.call: event for event in shop.events if isinstance(event, Turn)}
    assert {turn.heard_text for turn in last.values()} == {GOOD.reply_text}
    assert [call for call, turn in last.items() if turn.heard_audio is None] == ["call-1", "call-2"]
    assert last["call-3"].said_audio == "audio/call-3-said.wav"


async def test_the_sound_of_bad_calls_is_kept_for_good(shop: Shop) -> None:
    """A call that failed, and one that only sounded wrong."""
    shop.call(1)
    shop.shelf.emit(CallEvent(9.0, "call-1", "failed", "room", "cycle-01", "the agent left"))
    shop.call(2, clipped_samples=7)
    for number in range(3, 6):
        shop.call(number)
    await shop.shelf.listen_and_delete()

    assert shop.kept() == {"call-1", "call-2", "call-4", "call-5"}
    assert shop.shelf.failures == 1
