"""A caller's microphone: a LiveKit audio track fed in real time, silence between what is said."""

import asyncio
from dataclasses import dataclass

import numpy as np
from livekit import rtc

from verification.record.recording import Clock
from verification.record.timeline import RATE, Track
from verification.record.wav import Samples

_FRAME = RATE // 25
_AHEAD_S = 0.2
_QUEUE_MS = 400
_HALF_TICK_S = 0.005


@dataclass(frozen=True, slots=True)
class Said:
    """When the first and the last sample of something that was said left the microphone."""

    start_t: float
    end_t: float


class Microphone:
    """Keeps a little audio queued ahead, and knows when each sample leaves the queue.

    LiveKit's source takes 10 ms from its queue every 10 ms. What is captured now therefore leaves when all that
    was captured before has left, or within one such tick when the queue had run dry.
    """

    def __init__(self, clock: Clock) -> None:
        self.sent = Track()
        self._clock = clock
        self._source = rtc.AudioSource(RATE, 1, _QUEUE_MS)
        self.track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        self._to_say: asyncio.Queue[tuple[Samples, asyncio.Future[Said]]] = asyncio.Queue()
        self._queued_until_t = 0.0

    @property
    def ahead_s(self) -> float:
        """How long from now what is said next will leave the microphone."""
        return max(0.0, self._queued_until_t - self._clock())

    async def run(self) -> None:
        """Send what there is to say, else silence, until cancelled."""
        silence = np.zeros(_FRAME, np.int16)
        try:
            while True:
                if self._to_say.empty():
                    await self._send(silence)
                    continue
                samples, said = self._to_say.get_nowait()
                starts = [await self._send(samples[i : i + _FRAME]) for i in range(0, len(samples), _FRAME)]
                if not said.done():
                    said.set_result(Said(starts[0], self._queued_until_t))
        finally:
            await self._source.aclose()

    async def say(self, samples: Samples) -> Said:
        """Say `samples`, shape (n,) at RATE; return when the last of them has left the microphone."""
        said: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._to_say.put_nowait((samples, said))
        result = await said
        await asyncio.sleep(max(0.0, result.end_t - self._clock()))
        return result

    async def _send(self, samples: Samples) -> float:
        """Queue one frame, wait for its turn, and return when it leaves the queue."""
        if len(samples) < _FRAME:
            samples = np.pad(samples, (0, _FRAME - len(samples)))
        start_t = max(self._queued_until_t, self._clock() + _HALF_TICK_S)
        self._queued_until_t = start_t + _FRAME / RATE
        self.sent.add(start_t, samples)
        await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, _FRAME))
        await asyncio.sleep(max(0.0, self._queued_until_t - _AHEAD_S - self._clock()))
        return start_t
