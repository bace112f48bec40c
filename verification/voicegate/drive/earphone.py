"""A caller's earphone: what it hears, kept with arrival times, and whether anybody speaks right now."""

import asyncio
from collections.abc import Callable

import numpy as np
from livekit import rtc

from voicegate.record.recording import Clock
from voicegate.record.timeline import RATE, Track

_AUDIBLE = 32768 * 10 ** (-40 / 20)  # whether to go on talking; what a reply is, is measured later
_POLL_S = 0.05
_FRAME_MS = 40
_FRAME_AGE_S = 0.03  # a frame is made of pieces of 10 ms, and comes with the last of them


def _never() -> bool:
    """Say that nothing more is to come."""
    return False


class Earphone:
    """Listens to one remote track. Times are on the recording's clock; `last_sound_t` is when sound last arrived."""

    def __init__(self, clock: Clock) -> None:
        self.heard = Track()
        self.connected = asyncio.Event()
        self._clock = clock
        self.last_sound_t: float | None = None
        self._listening: asyncio.Task[None] | None = None

    def listen_to(self, track: rtc.Track) -> None:
        """Hear this track, the first one that comes; others are ignored."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(track), name="earphone")

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=_FRAME_MS)
        try:
            async for event in stream:
                t = self._clock() - _FRAME_AGE_S
                samples = np.frombuffer(event.frame.data, np.int16)
                self.heard.add(t, samples)
                if np.sqrt(np.mean(np.square(samples, dtype=np.float64))) > _AUDIBLE:
                    self.last_sound_t = t
                self.connected.set()
        finally:
            await stream.aclose()

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def wait_for_sound(self, since_t: float, timeout_s: float) -> bool:
        """Wait for sound after `since_t`; False when there was none in time."""
        deadline_t = self._clock() + timeout_s
        while self.last_sound_t is None or self.last_sound_t <= since_t:
            if self._clock() >= deadline_t:
                return False
            await asyncio.sleep(_POLL_S)
        return True

    async def wait_for_quiet(
        self, quiet_s: float, timeout_s: float, goes_on: Callable[[], bool] = _never, gap_s: float = 0.0
    ) -> bool:
        """Wait until nothing was heard for `quiet_s`, or for `gap_s` where more is to come; False when it never was that quiet in time."""
        began_t = self._clock()
        while (now_t := self._clock()) - max(began_t, self.last_sound_t or 0.0) < (
            gap_s if goes_on() else quiet_s
        ):
            if now_t - began_t >= timeout_s:
                return False
            await asyncio.sleep(_POLL_S)
        return True
