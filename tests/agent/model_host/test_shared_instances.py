"""A model is loaded once, whoever asks first, and tried again only after a failure."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes.speech_engines import FakeAsrEngine, FakeTtsEngine
from voicegate_agent import log_lines
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ModelLoadError
from voicegate_agent.model_host.shared_instances import get_shared_asr_model, get_shared_tts_engine
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue


def load_asr() -> TranscriptionQueue:
    """Load nothing quickly."""
    return TranscriptionQueue(FakeAsrEngine(), HostMetrics())


def load_tts() -> SpeechStreams:
    """Load nothing quickly."""
    return SpeechStreams(FakeTtsEngine())


def test_first_calls_at_once_load_once() -> None:
    """Of callers that come while the model loads, one is told that it is fresh and all get the same."""
    loads, second_came = [], threading.Event()

    def load_slowly() -> TranscriptionQueue:
        loads.append(1)
        assert second_came.wait(10)
        return load_asr()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(get_shared_asr_model, load_slowly)
        second = pool.submit(get_shared_asr_model, load_slowly)
        second_came.set()
        (one, fresh), (other, other_fresh) = first.result(10), second.result(10)
    assert one is other
    assert sorted([fresh, other_fresh]) == [False, True]
    assert len(loads) == 1


def test_later_calls_reuse() -> None:
    """The second call gets the first one's instance."""
    first, fresh = get_shared_tts_engine(load_tts)
    second, again = get_shared_tts_engine(load_tts)
    assert (fresh, again) == (True, False)
    assert second is first


def test_the_number_is_drawn_for_the_load() -> None:
    """Two models have different numbers of 48 bits."""
    asr, tts = get_shared_asr_model(load_asr)[0], get_shared_tts_engine(load_tts)[0]
    assert asr.id != tts.id
    assert asr.id.bit_length() == tts.id.bit_length() == 48


def test_a_failed_load_is_tried_again() -> None:
    """The error goes to its caller, and the next caller has another try."""

    def fail() -> TranscriptionQueue:
        raise ModelLoadError("model.bin is missing")

    with pytest.raises(ModelLoadError):
        get_shared_asr_model(fail)
    assert get_shared_asr_model(load_asr)[1]


def test_the_log_tells_of_the_load_in_order(caplog: pytest.LogCaptureFixture) -> None:
    """The lines of the log contract, and nothing when the instance is reused."""
    caplog.set_level(logging.INFO, "voicegate_agent.model_host")
    asr = get_shared_asr_model(load_asr)[0]
    tts = get_shared_tts_engine(load_tts)[0]
    get_shared_asr_model(load_asr)
    assert caplog.messages == [
        log_lines.INITIALIZING_ASR,
        log_lines.asr_initialized(asr.id),
        log_lines.INITIALIZING_TTS,
        log_lines.tts_initialized(tts.id),
    ]
