"""Every format can be decoded again, and its first bytes come before the last samples."""

import io

import av
import numpy as np
import pytest
from voicegate_agent.model_host.api_requests import SpeechFormat
from voicegate_agent.model_host.encoding import content_type, encoder, usual_rate
from voicegate_agent.model_host.protocol import InvalidRequestError

SECOND = (np.sin(np.arange(22_050) * 0.1) * 9_000).astype("<i2").tobytes()
FILES = [answer_format for answer_format in SpeechFormat if answer_format is not SpeechFormat.PCM]


@pytest.mark.parametrize("answer_format", FILES)
def test_a_file_can_be_decoded_and_is_sent_as_it_is_made(answer_format: SpeechFormat) -> None:
    """Two seconds come back as two seconds, and most of the first leaves before the second is there."""
    rate_hz = usual_rate(answer_format, 22_050)
    file = encoder(answer_format, rate_hz)
    first = file.add(SECOND)
    rest = file.add(SECOND) + file.finish()
    assert len(first) > len(rest) / 3
    with av.open(io.BytesIO(first + rest), "r") as container:
        frames = [frame for frame in container.decode(audio=0) if isinstance(frame, av.AudioFrame)]
    duration_s = sum(frame.samples for frame in frames) / frames[0].sample_rate
    assert duration_s == pytest.approx(2 * 22_050 / rate_hz, abs=0.13)


@pytest.mark.parametrize(
    ("answer_format", "rate_hz"),
    [(SpeechFormat.MP3, 22_050), (SpeechFormat.OPUS, 24_000), (SpeechFormat.FLAC, 22_050)],
)
def test_the_usual_rate_is_the_voices_or_the_next(answer_format: SpeechFormat, rate_hz: int) -> None:
    """Opus has five rates only."""
    assert usual_rate(answer_format, 22_050) == rate_hz


def test_a_rate_that_a_format_cannot_have_is_refused() -> None:
    """The refusal says which it can have."""
    with pytest.raises(InvalidRequestError, match="opus can have 8000, 12000"):
        encoder(SpeechFormat.OPUS, 22_050)


def test_samples_say_their_rate() -> None:
    """The other formats carry it in the file."""
    assert content_type(SpeechFormat.PCM, 16_000) == "audio/pcm;rate=16000;channels=1"
    assert content_type(SpeechFormat.OPUS, 48_000) == "audio/ogg"
