"""When a caller takes what it hears to be over, by a clock that jumps."""

import pytest
from voicegate.drive.earphone import Ear, Earphone


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


def test_the_likeliest_voice_is_heard() -> None:
    """Of tracks that are alike the first; which one it is may change, as more is known."""
    ear = Earphone(Clock())
    ranks = {"noise": 0, "voice": 0}
    noise, voice = (
        Ear(lambda: ranks["noise"], last_sound_t=1.0),
        Ear(lambda: ranks["voice"], last_sound_t=2.0),
    )
    ear.ears.extend((noise, voice))
    assert ear.heard is noise.heard
    ranks["voice"] = 1
    assert ear.heard is voice.heard
