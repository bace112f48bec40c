"""What a LiveKit agent tells everybody in its room about its own waits: livekit-agents sends each reply's metrics, unasked."""

import asyncio
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError
from livekit import rtc
from livekit.protocol.agent_pb import agent_session

from voicegate.record.events import ReportedWait
from voicegate.record.recording import Clock

TOPIC = "lk.agent.session"


@dataclass(slots=True)
class SessionReports:
    """Collects the metrics of one call, with the times at which they came. An agent that sends none has none."""

    clock: Clock
    _of_callers: list[tuple[float, agent_session.MetricsReport]] = field(default_factory=list)
    _of_replies: list[tuple[float, agent_session.MetricsReport]] = field(default_factory=list)
    _readers: set[asyncio.Task[None]] = field(default_factory=set)

    def attach(self, room: rtc.Room) -> None:
        """Receive the messages of agents in this room."""
        room.register_byte_stream_handler(TOPIC, lambda reader, _sender: self._receive(reader))

    def take(self, data: bytes) -> None:
        """Keep what a message says about a turn; other messages, and what is no message, say nothing."""
        message = agent_session.AgentSessionMessage()
        try:
            message.ParseFromString(data)
        except DecodeError:
            return
        said = message.event.conversation_item_added.item.message
        kept = {agent_session.USER: self._of_callers, agent_session.ASSISTANT: self._of_replies}.get(
            said.role
        )
        if kept is not None and said.HasField("metrics"):
            kept.append((self.clock(), said.metrics))

    def between(self, from_t: float, to_t: float) -> ReportedWait | None:
        """Return what was said of the first reply that ended between these times, and of the turn that it answers."""
        replies = [
            (t, one) for t, one in self._of_replies if from_t <= t < to_t and one.HasField("e2e_latency")
        ]
        if not replies:
            return None
        reply_t, reply = replies[0]
        callers = [one for t, one in self._of_callers if from_t <= t <= reply_t]
        turn = callers[-1] if callers else agent_session.MetricsReport()
        return ReportedWait(
            whole_s=reply.e2e_latency,
            transcription_s=_given(turn, "transcription_delay"),
            end_of_turn_s=_given(turn, "end_of_turn_delay"),
            llm_s=_given(reply, "llm_node_ttft"),
            tts_s=_given(reply, "tts_node_ttfb"),
        )

    async def close(self) -> None:
        """Let streams that are still open go."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _receive(self, reader: rtc.ByteStreamReader) -> None:
        task = asyncio.create_task(self._read(reader), name="session report")
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, reader: rtc.ByteStreamReader) -> None:
        try:
            self.take(b"".join([chunk async for chunk in reader]))
        except rtc.StreamError:
            return


def _given(metrics: agent_session.MetricsReport, name: str) -> float | None:
    return float(getattr(metrics, name)) if metrics.HasField(name) else None
