"""The shipped voice, as Piper runs it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from piper import PiperVoice, SynthesisConfig
from voicegate_agent.models.files import read_manifest
from voicegate_agent.models.packaged.records import verify

VOICE_DIR = Path(__file__).parents[4] / "agent" / "voicegate_agent" / "models" / "voice"
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def voice() -> PiperVoice:
    """Load the voice once."""
    return PiperVoice.load(VOICE_DIR / "voice.onnx")


def speak(voice: PiperVoice, text: str, length_scale: float = 1.0) -> npt.NDArray[np.float32]:
    """Return the samples of all chunks."""
    chunks = voice.synthesize(text, SynthesisConfig(length_scale=length_scale))
    return np.concatenate([chunk.audio_float_array for chunk in chunks])


def pitch_hz(samples: npt.NDArray[np.float32]) -> float:
    """Return the strongest pitch between 80 and 200 Hz, by autocorrelation."""
    lags = np.arange(RATE_HZ // 200, RATE_HZ // 80)
    scores = [np.corrcoef(samples[:-lag], samples[lag:])[0, 1] for lag in lags]
    return RATE_HZ / float(lags[int(np.argmax(scores))])


def test_the_files_are_those_of_the_manifest() -> None:
    """Nothing is missing or altered, and the voice stays below 6 MB."""
    records = read_manifest(VOICE_DIR, "")
    assert set(records) == {"voice.onnx", "voice.onnx.json"}
    assert records["voice.onnx"].bytes < 6_000_000
    verify(VOICE_DIR, records, "")


@pytest.mark.parametrize(
    "text",
    [
        "Your code is four seven one nine.",
        "The quick brown fox jumps over the lazy dog!",
        "It costs $35.20, that is 12% off; call +1 555 0100 before 9:30am, e.g. at https://example.com/a?b=1",
        "Dr. Müller's jalapeño soufflé, from Zürich via Łódź: déjà vu?",
        "Uh, hmm... psst! NASA, UNESCO & the EU's “voilà” — naïve, isn't it? 🎉",
        "Going to see a very idle area; two oil owls argue, you err.",
        "x",
    ],
)
def test_any_english_text_is_spoken(voice: PiperVoice, text: str) -> None:
    """Digits, signs, names and vowels in a row come out as sound of a fitting length, never clipped."""
    samples = speak(voice, text)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1.0
    assert 0.2 < len(samples) / RATE_HZ < 0.25 * len(text) + 0.5
    assert np.sqrt(np.mean(samples**2)) > 0.05


def test_the_graph_itself_leaves_headroom(voice: PiperVoice) -> None:
    """Without Piper's normalization samples stay below full scale too."""
    (phonemes,) = voice.phonemize("Hello, how can I help you today?")
    samples = voice.phoneme_ids_to_audio(voice.phonemes_to_ids(phonemes))
    assert isinstance(samples, np.ndarray)
    assert 0.3 < np.abs(samples).max() < 0.95


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_to_say_is_no_sound(voice: PiperVoice, text: str) -> None:
    """Blank text gives no chunk."""
    assert list(voice.synthesize(text)) == []


@pytest.mark.parametrize("text", [".", "?!", "..."])
def test_punctuation_alone_does_not_fail(voice: PiperVoice, text: str) -> None:
    """Punctuation without words gives no chunk or silence, but no error."""
    for chunk in voice.synthesize(text):
        assert np.isfinite(chunk.audio_float_array).all()


def test_the_same_text_is_the_same_sound(voice: PiperVoice) -> None:
    """Nothing in the graph is random."""
    assert np.array_equal(speak(voice, "Your room is ready."), speak(voice, "Your room is ready."))


@pytest.mark.parametrize("length_scale", [0.5, 0.8, 1.5, 3.0])
def test_the_length_scale_stretches_the_tempo_only(voice: PiperVoice, length_scale: float) -> None:
    """A sentence gets longer or shorter in proportion, and keeps its pitch."""
    plain = speak(voice, "Your order is on its way.")
    scaled = speak(voice, "Your order is on its way.", length_scale)
    assert len(scaled) / len(plain) == pytest.approx(length_scale, rel=0.03)
    assert pitch_hz(scaled) == pytest.approx(pitch_hz(plain), rel=0.1)


def test_a_comma_is_a_pause(voice: PiperVoice) -> None:
    """A comma makes an utterance longer by a quarter of a second of silence or so."""
    with_pause, without = speak(voice, "Hello, sir."), speak(voice, "Hello sir.")
    assert 0.1 < (len(with_pause) - len(without)) / RATE_HZ < 0.5
