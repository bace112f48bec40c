"""A caller's microphone: a LiveKit audio track fed in real time, silence between what is said."""

import asyncio
from dataclasses import dataclass

import numpy as np
from livekit import rtc

from voicegate.record.recording import Clock
from voicegate.record.timeline import RATE, Track
from voicegate.record.wav import Samples

_SILENCE = RATE // 25
_AHEAD_S = 0.2
_LONGEST_CLIP_MS = 30_000
_TICK_S = 0.01
_STUCK_S = 5.0


@dataclass(frozen=True, slots=True)
class Said:
    """When the first and the last sample of something that was said left the microphone."""

    start_t: float
    end_t: float


class Microphone:
    """Keeps audio queued ahead, and knows when each sample leaves the queue.

    LiveKit's source takes 10 ms from its queue every 10 ms, in a thread of its own. What is captured now therefore
    leaves when all that was captured before has left, or within one such tick when the queue had run dry. Something to
    say is queued whole, so that it is spoken without holes also when this program does not get to run.
    """

    def __init__(self, clock: Clock) -> None:
        self.sent = Track()
        self._clock = clock
        self._source = rtc.AudioSource(RATE, 1, _LONGEST_CLIP_MS)
        self.track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        self._to_say: asyncio.Queue[tuple[Samples, asyncio.Future[Said]]] = asyncio.Queue()
        self._queued_until_t = 0.0

    @property
    def ahead_s(self) -> float:
        """How long from now what is said next will leave the microphone."""
        return max(0.0, self._queued_until_t - self._clock())

    async def run(self) -> None:
        """Send what there is to say, else silence, until cancelled."""
        silence = np.zeros(_SILENCE, np.int16)
        try:
            while True:
                if self._to_say.empty():
                    await self._queue(silence)
                else:
                    samples, said = self._to_say.get_nowait()
                    start_t = await self._queue(_in_ticks(samples))
                    said.set_result(Said(start_t, self._queued_until_t))
                await asyncio.sleep(max(0.0, self.ahead_s - _AHEAD_S))
        finally:
            await self._source.aclose()

    async def say(self, samples: Samples) -> Said:
        """Say `samples`, shape (n,) at RATE; return when the last of them has left the microphone.

        Raises TimeoutError when they are not on their way within seconds: `run` is not running then.
        """
        said: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._to_say.put_nowait((samples, said))
        async with asyncio.timeout(self.ahead_s + _STUCK_S):
            result = await asyncio.shield(said)
        await asyncio.sleep(max(0.0, result.end_t - self._clock()))
        return result

    async def _queue(self, samples: Samples) -> float:
        """Queue samples, whole ticks of them, and return when the first leaves the queue."""
        start_t = max(self._queued_until_t, self._clock() + _TICK_S / 2)
        self._queued_until_t = start_t + len(samples) / RATE
        self.sent.add(start_t, samples)
        await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))
        return start_t


def _in_ticks(samples: Samples) -> Samples:
    """Fill up the last tick with silence."""
    return np.pad(samples, (0, -len(samples) % round(RATE * _TICK_S)))
