"""A caller's earphone: what it hears, kept with arrival times, and whether anybody speaks right now."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from livekit import rtc

from voicegate.record.recording import Clock
from voicegate.record.timeline import RATE, Track
from voicegate.record.wav import Samples

_AUDIBLE = 32768 * 10 ** (-40 / 20)  # whether to go on talking; what a reply is, is measured later
_LOWEST, _HIGHEST = -32768, 32767  # that a sample may be
_POLL_S = 0.05
_FRAME_MS = 40
_FRAME_AGE_S = 0.03  # a frame is made of pieces of 10 ms, and comes with the last of them
_UNSURE_S = 1.0  # how long a track that may not be the voice is heard until it counts as that


def _never() -> bool:
    """Say that nothing more is to come."""
    return False


def _any_track() -> int:
    """Rank all tracks alike."""
    return 0


@dataclass(slots=True)
class Ear:
    """One track, as it is heard; `rank` says how likely it is the voice that is to be heard."""

    rank: Callable[[], Any] = _any_track
    heard: Track = field(default_factory=Track)
    last_sound_t: float | None = None


class Earphone:
    """Hears the voice: of all tracks that come those that are most likely it. Times are on the recording's clock.

    They are several where an agent hands its call over to another one, or begins a second session: each has a track of its own. All
    tracks are kept from their first sound on: which ones are the voice may only show later. `connected` is set once it is heard.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.ears: list[Ear] = []
        self.connected = asyncio.Event()
        self._clock = clock
        self._sleep = sleep
        self._listening: list[asyncio.Task[None]] = []

    @property
    def last_sound_t(self) -> float | None:
        """When the last sound of the voice arrived."""
        times = (ear.last_sound_t for ear in self._voice)
        return max((t for t in times if t is not None), default=None)

    def render(self, start_t: float, end_t: float) -> Samples:
        """Return the sound of the voice from `start_t` to `end_t`, all its tracks in one, silent where there was nothing."""
        tracks = [ear.heard for ear in self._voice] or [Track()]
        together = np.sum(
            [one.render(start_t, end_t, arrived=True) for one in tracks], axis=0, dtype=np.int32
        )
        return np.asarray(np.clip(together, _LOWEST, _HIGHEST), np.int16)

    @property
    def _voice(self) -> list[Ear]:
        ranks = [ear.rank() for ear in self.ears]
        best = max(ranks, default=None)
        return [ear for ear, rank in zip(self.ears, ranks, strict=True) if rank == best]

    def listen_to(self, track: rtc.Track, rank: Callable[[], Any] = _any_track, *, sure: bool = True) -> None:
        """Hear this track; those that rank highest are the voice. One that is not `sure` to be a voice may be noise."""
        ear = Ear(rank)
        self.ears.append(ear)
        self._listening.append(asyncio.create_task(self._listen(track, ear, sure), name="earphone"))

    async def _listen(self, track: rtc.Track, ear: Ear, sure: bool) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=_FRAME_MS)
        counts_t = self._clock() + (0.0 if sure else _UNSURE_S)
        try:
            async for event in stream:
                t = self._clock() - _FRAME_AGE_S
                samples = np.frombuffer(event.frame.data, np.int16)
                ear.heard.add(t, samples)
                if np.sqrt(np.mean(np.square(samples, dtype=np.float64))) > _AUDIBLE:
                    ear.last_sound_t = t
                if sure or t >= counts_t:
                    self.connected.set()
        finally:
            await stream.aclose()

    async def close(self) -> None:
        """Stop listening."""
        for listening in self._listening:
            listening.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def wait_for_sound(self, since_t: float, timeout_s: float) -> bool:
        """Wait for sound after `since_t`; False when there was none in time."""
        deadline_t = self._clock() + timeout_s
        while self.last_sound_t is None or self.last_sound_t <= since_t:
            if self._clock() >= deadline_t:
                return False
            await self._sleep(_POLL_S)
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
            await self._sleep(_POLL_S)
        return True
