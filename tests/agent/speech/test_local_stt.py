"""LiveKit's speech-to-text interface over a shared model."""

import logging
import math

import numpy as np
import pytest
from fakes.speech_engines import FakeSharedASR
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIStatusError
from voicegate_agent import log_lines
from voicegate_agent.model_host.protocol import InvalidRequestError, ModelHostUnavailableError
from voicegate_agent.speech import LocalSTT, LocalSTTConfig
from voicegate_agent.speech.local_stt import mono_pcm

ONCE = APIConnectOptions(max_retry=0)


def tone(rate_hz: int, channels: int = 1, duration_s: float = 0.5) -> rtc.AudioFrame:
    """Give a 440 Hz tone of half the full level, the same in every channel."""
    time_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    samples = (np.sin(2 * np.pi * 440 * time_s) * 16_384).astype(np.int16)
    return rtc.AudioFrame(np.repeat(samples, channels).tobytes(), rate_hz, channels, len(samples))


async def test_the_text_is_final_with_its_confidence() -> None:
    """One event, with the words, the language and the probability of the average token."""
    event = await LocalSTT(LocalSTTConfig(), asr_instance=FakeSharedASR()).recognize(tone(16_000))
    data = event.alternatives[0]
    assert (event.type.value, data.text, str(data.language)) == ("final_transcript", "hello", "en")
    assert data.confidence == pytest.approx(math.exp(-0.5))


async def test_the_language_of_the_call_is_passed_on() -> None:
    """What is asked for in the call counts, else what was configured."""
    asr = FakeSharedASR()
    stt = LocalSTT(LocalSTTConfig(language="de"), asr_instance=asr)
    await stt.recognize(tone(16_000))
    await stt.recognize(tone(16_000), language="fr")
    assert [language for _, language in asr.heard] == ["de", "fr"]


async def test_several_frames_are_one_utterance() -> None:
    """The frames of a segment are heard in one piece."""
    asr = FakeSharedASR()
    await LocalSTT(LocalSTTConfig(), asr_instance=asr).recognize([tone(16_000), tone(16_000)])
    assert [len(pcm) for pcm, _ in asr.heard] == [32_000]


@pytest.mark.parametrize(("rate_hz", "channels"), [(24_000, 1), (48_000, 1), (16_000, 2), (48_000, 2)])
def test_audio_is_brought_to_the_models_rate(rate_hz: int, channels: int) -> None:
    """The tone keeps its length and its level."""
    samples = np.frombuffer(mono_pcm(tone(rate_hz, channels), 16_000), np.int16)
    assert len(samples) == pytest.approx(8_000, abs=200)
    assert np.abs(samples[1_000:7_000].astype(int)).max() == pytest.approx(16_384, rel=0.03)


async def test_a_lost_host_is_not_waited_for_twice() -> None:
    """The client has done that; LiveKit must not, because the caller would hear half a sentence twice."""
    asr = FakeSharedASR(error=ModelHostUnavailableError("gone"))
    with pytest.raises(APIConnectionError) as caught:
        await LocalSTT(LocalSTTConfig(), asr_instance=asr).recognize(tone(16_000), conn_options=ONCE)
    assert not caught.value.retryable


async def test_a_request_that_cannot_work_is_not_tried_again() -> None:
    """LiveKit gives up at once on what the host refuses."""
    asr = FakeSharedASR(error=InvalidRequestError("no sound"))
    with pytest.raises(APIStatusError, match="no sound"):
        await LocalSTT(LocalSTTConfig(), asr_instance=asr).recognize(tone(16_000))
    assert len(asr.heard) == 1


def test_the_log_tells_of_the_shared_model(caplog: pytest.LogCaptureFixture) -> None:
    """The two lines of the log contract, in order."""
    caplog.set_level(logging.INFO, "voicegate_agent.speech")
    LocalSTT(LocalSTTConfig(), asr_instance=FakeSharedASR())
    assert caplog.messages == [log_lines.USING_LOCAL_STT, log_lines.LOCAL_STT_READY]
