"""A text is spoken piece by piece."""

from pathlib import Path

import numpy as np
import pytest
from piper.config import PiperConfig
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.loudness import HEADROOM
from voicegate_agent.model_host.pieces import split_text
from voicegate_agent.model_host.protocol import ModelLoadError
from voicegate_agent.model_host.tts_engine import PiperEngine, _speaker_id


def voice_of(speakers: int, **names: int) -> PiperConfig:
    """Give the configuration of a voice with so many speakers, some of them named."""
    return PiperConfig.from_dict(
        {
            "num_symbols": 1,
            "num_speakers": speakers,
            "speaker_id_map": names,
            "audio": {"sample_rate": 16_000},
            "espeak": {"voice": "en"},
            "phoneme_id_map": {},
        }
    )


def test_each_sentence_is_a_piece(piper: PiperEngine) -> None:
    """Two sentences come as two pieces of whole samples, below the full level."""
    pieces = list(piper.synthesize("My code is seven. Yours is nine.", 1.0))
    assert len(pieces) == 2
    samples = np.frombuffer(b"".join(pieces), np.int16)
    assert len(samples) > piper.sample_rate_hz
    assert 0.3 * 32767 < np.abs(samples.astype(int)).max() <= HEADROOM * 32767


@pytest.mark.parametrize("text", ["", "  ", "...", "?!", "— …", "\x00\x1b"])
def test_a_text_without_words_is_silent(piper: PiperEngine, text: str) -> None:
    """Nothing to say gives no audio and no error."""
    assert list(piper.synthesize(text, 1.0)) == []


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("seven\x00three", "seven three"),
        ("Hello \ud83d", "Hello"),
        ("It is **[[five]]** km", "It is five km"),
    ],
)
def test_only_words_are_spoken(piper: PiperEngine, text: str, like: str) -> None:
    """What Piper refuses or takes for phonemes is gone before it sees the text."""
    assert b"".join(piper.synthesize(text, 1.0)) == b"".join(piper.synthesize(like, 1.0))


def test_speed_shortens(piper: PiperEngine) -> None:
    """Double speed takes about half the time."""
    normal = len(b"".join(piper.synthesize("My code is seven three one nine", 1.0)))
    double = len(b"".join(piper.synthesize("My code is seven three one nine", 2.0)))
    assert 0.4 < double / normal < 0.65


@pytest.mark.parametrize(("wanted", "number"), [(None, None), ("anna", 0), ("bob", 2), ("1", 1)])
def test_a_speaker_has_a_name_or_a_number(wanted: str | None, number: int | None) -> None:
    """Of a voice with several; without a wish it is the voice's own choice."""
    assert _speaker_id(voice_of(3, anna=0, bob=2), wanted) == number


@pytest.mark.parametrize("wanted", ["carl", "3", "-1", ""])
def test_a_speaker_that_is_none_is_refused(wanted: str) -> None:
    """The message says who there is."""
    with pytest.raises(ValueError, match="a number below 3, or one of: anna, bob"):
        _speaker_id(voice_of(3, anna=0, bob=2), wanted)


def test_a_voice_of_one_speaker_has_no_other(host_config: HostConfig) -> None:
    """Asking for somebody else is an error when it is loaded, and not silently the same voice."""
    with pytest.raises(ModelLoadError, match="it has one speaker only, and no 'anna'"):
        PiperEngine.load(host_config.files.voice, "anna")


def test_a_missing_voice_is_named(tmp_path: Path) -> None:
    """The error names the file, be it the voice or its configuration."""
    voice = tmp_path / "voice.onnx"
    with pytest.raises(ModelLoadError, match=f"{voice} is missing"):
        PiperEngine.load(voice)
    voice.write_bytes(b"")
    with pytest.raises(ModelLoadError, match=rf"{voice}\.json is missing"):
        PiperEngine.load(voice)


def test_a_broken_voice_is_named(tmp_path: Path) -> None:
    """The error names the file that cannot be loaded."""
    voice = tmp_path / "voice.onnx"
    voice.write_bytes(b"no voice")
    voice.with_name("voice.onnx.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelLoadError, match=f"{voice} cannot be loaded"):
        PiperEngine.load(voice)


def test_a_cut_costs_no_pause_between_sentences(piper: PiperEngine) -> None:
    """Of a piece that goes on, only its last sentence has no pause behind it."""
    text = (
        "Thank you for calling us about your order today. Yes. The store opens at eight in the morning "
        "and closes at six in the evening on every day of the week except on Sunday."
    )
    assert split_text(text)[1] == "Yes. The store opens at eight in the morning"
    assert list(piper.synthesize(text, 1.0))[1] == b"".join(piper.synthesize("Yes.", 1.0))


def test_nobody_hears_where_a_clause_was_cut(piper: PiperEngine) -> None:
    """Between two pieces of one clause is less than 0.15 s of silence, and not the pause that ends a sentence."""
    text = "The store opens at eight in the morning and closes at six in the evening on every day except on Sunday."
    first, second = (np.frombuffer(piece, np.int16) for piece in piper.synthesize(text, 1.0))
    tail = np.flatnonzero(np.abs(first[::-1].astype(int)) > 328)[0]
    head = np.flatnonzero(np.abs(second.astype(int)) > 328)[0]
    assert (tail + head) / piper.sample_rate_hz < 0.15
