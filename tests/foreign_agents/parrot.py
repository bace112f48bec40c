"""A stock LiveKit agent that has nothing in common with ours: it hears one sentence and answers with a tone.

PARROT_DIES=1 makes it die two seconds into its first call; PARROT_REPORTS_S=N makes it report high memory every
N seconds.
"""

import asyncio
import logging
import os
from typing import Any

import numpy as np
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    Agent,
    AgentServer,
    AgentSession,
    APIConnectOptions,
    JobContext,
    JobExecutorType,
    NotGivenOr,
    cli,
    llm,
    stt,
    tts,
    utils,
)

HEARD = "my code is one two three"
REPLY = "Your code is one two three."
RATE = 24_000
TONE_S = 1.0


class Ear(stt.STT[Any]):
    """Understands the same, always."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        data = stt.SpeechData(text=HEARD, language="en")  # type: ignore[arg-type]
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


class Mouth(tts.TTS[Any]):
    """Says a tone of a second."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Say the tone, whatever the text."""
        return _Tone(tts=self, input_text=text, conn_options=conn_options)


class _Tone(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        t = np.arange(round(RATE * TONE_S)) / RATE
        output_emitter.initialize(request_id="tone", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        output_emitter.push((np.sin(2 * np.pi * 440 * t) * 8000).astype(np.int16).tobytes())
        output_emitter.flush()


class Mind(llm.LLM[Any]):
    """Answers the same, always."""

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Answer."""
        return _Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Answer(llm.LLMStream):
    async def _run(self) -> None:
        delta = llm.ChoiceDelta(role="assistant", content=REPLY)
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=delta))


server = AgentServer(
    job_executor_type=JobExecutorType.THREAD,
    load_fnc=lambda _: 0.0,
    load_threshold=1.0,
    num_idle_processes=4,
    port=0,
)


async def report() -> None:
    """Report memory as the log contract has it, whatever it is."""
    while True:
        await asyncio.sleep(float(os.environ["PARROT_REPORTS_S"]))
        text = "High memory usage detected: 100.0MB - forcing garbage collection"
        logging.getLogger("parrot").warning(text)


reporting: list[asyncio.Task[None]] = []
if os.environ.get("PARROT_REPORTS_S"):
    server.on("worker_started", lambda: reporting.append(asyncio.create_task(report())))


@server.rtc_session()
async def entry(ctx: JobContext) -> None:
    """Take one call."""
    session: AgentSession[None] = AgentSession(stt=Ear(), llm=Mind(), tts=Mouth(), turn_detection="vad")
    await session.start(agent=Agent(instructions=""), room=ctx.room)
    if os.environ.get("PARROT_TOKEN"):
        secrets = [os.environ[name] for name in ("PARROT_TOKEN", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")]
        logging.getLogger("parrot").info("It says its secrets: %s", ", ".join(secrets))
    if os.environ.get("PARROT_DIES"):
        await asyncio.sleep(2)
        logging.getLogger("parrot").error("out of memory")
        os._exit(3)


if __name__ == "__main__":
    cli.run_app(server)
