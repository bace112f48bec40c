"""One call's ears: sound comes in, and LiveKit's events of speech to text and of voice activity go out."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, stt, utils
from livekit.agents.types import NotGivenOr
from livekit.agents.vad import VADEvent, VADEventType
from livekit.local_inference import VAD

from voicegate_agent.speech.finish import only_listens
from voicegate_agent.speech.nearness import Nearness, level_dbfs
from voicegate_agent.speech.speech_marks import SpeechMarks
from voicegate_agent.speech.turn import RATE_HZ, WINDOW_S, WINDOW_SAMPLES, Turn

_WINDOW_BYTES = 2 * WINDOW_SAMPLES
_LOOK_EVERY_S = 0.1
_DEAD_LOOKS = 3


class Listening(stt.RecognizeStream):
    """Has a turn transcribed at its first pause, and says that it is over when the caller has been silent for long enough.

    A *preflight transcript* lets the reply be made while the silence is waited for; when the caller goes on, the next one replaces it. What has no
    words, what only shows that somebody listens to the reply, and who speaks far behind the caller is no turn: the session goes on with the reply.
    """

    def __init__(
        self,
        owner: stt.STT[Any],
        marks: SpeechMarks,
        nearness: Nearness,
        wait_s: Callable[[str], float],
        agent_speaks: Callable[[], bool],
        language: NotGivenOr[str],
        conn_options: APIConnectOptions,
    ) -> None:
        self._marks = marks
        self._nearness = nearness
        self._level_dbfs: float | None = None
        self._wait_s = wait_s
        self._agent_speaks = agent_speaks
        self._language = language
        self._turn = Turn(self._turn_wait_s)
        self._detector = VAD()
        self._rest = b""
        self._frames = 0
        self._over_agent = False
        self._said: stt.SpeechData | None = None
        self._preflight = ""
        self._parts: list[asyncio.Task[stt.SpeechData | None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._hearing: asyncio.Task[None] | None = None
        self._line_watch: asyncio.Task[None] | None = None
        super().__init__(stt=owner, conn_options=conn_options, sample_rate=RATE_HZ)

    async def _run(self) -> None:
        try:
            async for frame in self._input_ch:
                if isinstance(frame, rtc.AudioFrame):
                    self._frames += 1
                    self._take(bytes(frame.data))
        finally:
            await utils.aio.cancel_and_wait(*self._tasks, *self._parts)
            self._detector.close()

    def _take(self, pcm: bytes) -> None:
        self._rest += pcm
        while len(self._rest) >= _WINDOW_BYTES:
            window, self._rest = self._rest[:_WINDOW_BYTES], self._rest[_WINDOW_BYTES:]
            self._listen(window)

    def _listen(self, window: bytes) -> None:
        step = self._turn.listen(window, self._detector.predict(np.frombuffer(window, np.int16)))
        if step.began:
            self._over_agent = self._agent_speaks()
            self._mark(VADEventType.START_OF_SPEECH)
            if self._line_watch is not None:
                self._line_watch.cancel()  # the turn before may just have ended, and two would take each other's sound
            self._line_watch = self._spawn(self._watch_the_line())
        if step.resumed and self._hearing is not None:
            self._hearing.cancel()
        if step.cut is not None:
            self._level_dbfs = self._loudest(step.cut)
            self._parts.append(asyncio.create_task(self._transcribe(step.cut)))
        if step.hear is not None:
            self._hearing = self._spawn(self._hear(step.hear))
        if self._turn.active:
            self._mark(VADEventType.INFERENCE_DONE)
            self._end_if_over()

    async def _watch_the_line(self) -> None:
        """Take a line that gives no sound for silence: muting or unpublishing in the middle of a word ends the turn.

        Looks are counted, not seconds, because sound that a busy machine delivers late is no silence.
        """
        looks = 0
        while self._turn.active:
            self._frames = 0
            await asyncio.sleep(_LOOK_EVERY_S)
            looks = 0 if self._frames else looks + 1
            if looks >= _DEAD_LOOKS:
                for _ in range(round(_LOOK_EVERY_S / WINDOW_S)):
                    self._listen(bytes(_WINDOW_BYTES))

    async def _hear(self, pcm: bytes) -> None:
        self._level_dbfs = self._loudest(pcm) if self._parts else level_dbfs(pcm)
        last = await self._transcribe(pcm)
        earlier = await asyncio.gather(*map(asyncio.shield, self._parts))  # they stay when the caller goes on
        if last is None or None in earlier:
            self._said = (
                None  # half of what was said is no turn: `recognize` has told the session of the failure
            )
            self._end()
            return
        text = " ".join(part.text for part in (*earlier, last) if part is not None and part.text)
        if text or self._said is None:
            self._said = replace(last, text=text)
        said = self._said
        self._turn.heard(said.text)
        if self._counts(said.text) and said.text != self._preflight:
            self._preflight = said.text
            self._send(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, said)
        self._end_if_over()

    def _loudest(self, part: bytes) -> float:
        """Tell how loud a turn is that is heard in parts: the last one may be nothing but the silence at its end."""
        level = level_dbfs(part)
        return level if self._level_dbfs is None else max(self._level_dbfs, level)

    async def _transcribe(self, pcm: bytes) -> stt.SpeechData | None:
        frame = rtc.AudioFrame(pcm, RATE_HZ, 1, len(pcm) // 2)
        with contextlib.suppress(APIError):  # the session was told by `recognize`
            event = await self._stt.recognize(frame, language=self._language, conn_options=self._conn_options)
            return event.alternatives[0]
        return None

    def _turn_wait_s(self, text: str) -> float:
        return 0.0 if self._over_agent and not self._counts(text) else self._wait_s(text)

    def _counts(self, text: str) -> bool:
        far = self._level_dbfs is not None and self._nearness.is_far(self._level_dbfs)
        return bool(text) and not far and not (self._over_agent and only_listens(text, self._turn.speech_s))

    def _end_if_over(self) -> None:
        if self._turn.over:
            self._end()

    def _end(self) -> None:
        if self._said is not None and self._said.text and self._level_dbfs is not None:
            if self._counts(self._said.text):
                self._send(stt.SpeechEventType.FINAL_TRANSCRIPT, self._said)
            self._nearness.note(self._level_dbfs)
        self._mark(VADEventType.END_OF_SPEECH)
        self._turn.end()
        self._said, self._level_dbfs, self._preflight, self._parts = None, None, "", []

    def _send(self, kind: stt.SpeechEventType, said: stt.SpeechData) -> None:
        self._event_ch.send_nowait(stt.SpeechEvent(kind, alternatives=[said]))

    def _mark(self, kind: VADEventType) -> None:
        turn = self._turn
        self._marks.tell(
            VADEvent(
                kind,
                samples_index=0,
                timestamp=time.time(),
                speech_duration=turn.speech_s,
                silence_duration=turn.silence_s,
                speaking=True,
                raw_accumulated_silence=turn.silence_s,
                raw_accumulated_speech=0.0 if turn.silence_s else turn.speech_s,
            )
        )

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
