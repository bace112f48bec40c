"""The end of LiveKit's voice activity detection in a session whose speech to text listens for itself: there is one detector, not two."""

import asyncio
import weakref

from livekit import rtc
from livekit.agents import vad

from voicegate_agent.speech.turn import WINDOW_S


class SpeechMarks(vad.VAD):
    """Where a session looks for voice activity, told of it by the speech to text of the same session."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW_S))
        self._streams: weakref.WeakSet[_Marks] = weakref.WeakSet()

    @property
    def model(self) -> str:
        """The detector's name."""
        return "silero"

    @property
    def provider(self) -> str:
        """Who runs it."""
        return "voicegate"

    def stream(self) -> vad.VADStream:
        """Begin to hand on what is told."""
        stream = _Marks(self)
        self._streams.add(stream)
        return stream

    def tell(self, event: vad.VADEvent) -> None:
        """Hand an event on to the session."""
        for stream in self._streams:
            stream.tell(event)


class _Marks(vad.VADStream):
    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """Leave the sound to the speech to text, which has it as well."""

    def tell(self, event: vad.VADEvent) -> None:
        if not self._event_ch.closed:
            self._event_ch.send_nowait(event)

    async def _main_task(self) -> None:
        await asyncio.Event().wait()
