"""When a caller takes what it hears to be over, by a clock that jumps."""

import numpy as np
import pytest
from voicegate.drive.earphone import Ear, Earphone
from voicegate.record.timeline import RATE


class Clock:
    """Half a second later at each look."""

    def __init__(self) -> None:
        self.t = 0.0

    def __call__(self) -> float:
        """Look."""
        self.t += 0.5
        return self.t


@pytest.mark.parametrize(
    ("speaks_until_t", "over_t"), [(0.0, 2.0), (3.0, 3.0), (9.0, 5.5)], ids=["silent", "gap", "stuck"]
)
async def test_a_reply_that_goes_on_is_not_over(speaks_until_t: float, over_t: float) -> None:
    """A silence is the end of a reply, unless the agent says that it speaks; but not for ever."""
    clock = Clock()
    ear = Earphone(clock)
    ear.ears.append(Ear(last_sound_t=0.5))

    assert await ear.wait_for_quiet(1.2, 30, lambda: clock.t < speaks_until_t, 5.0)
    assert clock.t == over_t


async def test_sound_that_never_ends_is_given_up() -> None:
    """In time."""
    clock = Clock()
    ear = Earphone(clock)
    ear.ears.append(one := Ear())

    def sounding() -> bool:
        one.last_sound_t = clock.t
        return False

    assert not await ear.wait_for_quiet(1.2, 3, sounding)
    assert clock.t == 3.5


def sounding(ear: Ear, t: float, level: int) -> Ear:
    """Let a second of sound of this level arrive."""
    ear.heard.add(t, np.full(RATE, level, np.int16))
    ear.last_sound_t = t + 1
    return ear


def test_the_likeliest_voice_is_heard() -> None:
    """Which one it is may change, as more is known."""
    ear = Earphone(Clock())
    ranks = {"noise": 0, "voice": 0}
    noise = sounding(Ear(lambda: ranks["noise"]), 1.0, 5)
    voice = sounding(Ear(lambda: ranks["voice"]), 1.0, 7)
    ear.ears.extend((noise, voice))
    ranks["voice"] = 1
    assert set(ear.render(1.0, 2.0)) == {7}
    ranks["noise"] = 2
    assert set(ear.render(1.0, 2.0)) == {5}


def test_an_agent_that_hands_over_is_heard_on() -> None:
    """Its second session has a track of its own: both are the voice, and no sound of them is lost or wraps around."""
    ear = Earphone(Clock())
    never = ear.last_sound_t
    assert never is None
    assert not ear.render(0.0, 1.0).any()
    ear.ears.append(sounding(Ear(), 1.0, 20_000))
    ear.ears.append(Ear())
    assert ear.last_sound_t == 2.0
    sounding(ear.ears[1], 1.5, 20_000)
    assert ear.last_sound_t == 2.5
    heard = ear.render(1.0, 3.0)
    parts = [heard[round(t * RATE) : round((t + 0.5) * RATE)] for t in (0.0, 0.5, 1.0, 1.5)]
    assert [set(part) for part in parts] == [{20_000}, {32_767}, {20_000}, {0}]
