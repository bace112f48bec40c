"""Handles on the shared models: what a call logs when it takes one."""

import logging
from dataclasses import dataclass

import pytest
from voicegate_agent import log_lines
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import HostAddress, LoadedModel, ModelKind, Transcript
from voicegate_agent.speech import get_shared_asr, get_shared_tts


@dataclass
class FakeClient(ModelHostClient):
    """A client of a host that loads on the first request."""

    fresh: bool = True

    def __post_init__(self) -> None:
        super().__init__(HostAddress.parse("http://host:1"))
        self.asked: list[object] = []

    async def load(self, kind: ModelKind) -> LoadedModel:
        """Answer."""
        return LoadedModel(4711, self.fresh, "model", 22_050)

    async def transcribe(self, pcm: bytes, sample_rate_hz: int, language: str | None = None) -> Transcript:
        """Answer."""
        self.asked.append((pcm, sample_rate_hz, language))
        return Transcript("seven")


@pytest.mark.parametrize("fresh", [True, False])
async def test_only_a_reused_model_is_logged_by_the_call(
    caplog: pytest.LogCaptureFixture, fresh: bool
) -> None:
    """Of a load the host tells itself; a reuse only the call knows of."""
    caplog.set_level(logging.INFO, "voicegate_agent.speech")
    client = FakeClient(fresh)
    asr, tts = await get_shared_asr(client), await get_shared_tts(client)
    assert (asr.id, tts.id) == (4711, 4711)
    assert caplog.messages == ([] if fresh else [log_lines.asr_reused(4711), log_lines.tts_reused(4711)])


async def test_a_handle_knows_the_models_rate() -> None:
    """Audio is handed over at the rate that the load request was answered with."""
    client = FakeClient()
    asr = await get_shared_asr(client)
    await asr.transcribe(b"ab", "en")
    assert (asr.name, client.asked) == ("model", [(b"ab", 22_050, "en")])
