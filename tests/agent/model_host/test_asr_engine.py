"""The fitted context gives the texts of the full one, alone and in a batch."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes.multilingual_whisper import write_model
from fakes.speech_engines import noise
from voicegate_agent.model_host.asr_engine import (
    COMPRESSION_RATIO_THRESHOLD,
    LOG_PROBABILITY_THRESHOLD,
    MIN_FRAMES,
    NO_SPEECH_THRESHOLD,
    Recognition,
    Utterance,
    WhisperEngine,
    fitted_frames,
    token_limit,
    worthwhile_frames,
)
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import InvalidRequestError, ModelLoadError

TEXTS = ("my code is seven three one nine", "my code is four zero two eight", "my code is five six one two")
A_LITTLE = 1e-6


def recognition(*, logprob: float = -0.1, no_speech: float = 0.0, compression: float = 1.0) -> Recognition:
    """Give a recognition with these figures."""
    return Recognition("seven", "en", logprob, no_speech, compression, fitted=True)


@pytest.mark.parametrize(
    ("duration_s", "frames"), [(0, 240), (0.1, 240), (1.8, 240), (1.81, 260), (2.0, 260), (29.4, 3000)]
)
def test_the_context_is_the_utterance_and_a_margin(duration_s: float, frames: int) -> None:
    """At least 240 frames, at least 60 behind the speech, in steps of 20."""
    assert fitted_frames(round(duration_s * 16_000)) == frames


@pytest.mark.parametrize(
    ("width", "cores", "utterances"), [(1280, 2, 2), (1280, 8, 10), (512, 2, 6), (160, 2, 20)]
)
def test_wide_models_take_small_batches(width: int, cores: int, utterances: int) -> None:
    """A batch is as large as keeps the cores busy, counted in utterances of the shortest kind."""
    assert worthwhile_frames(width, cores) // MIN_FRAMES == utterances


def test_the_width_is_the_models(whisper: WhisperEngine) -> None:
    """The packaged model is narrow, so that even one core takes several utterances at once."""
    assert whisper.batch_frames >= 4 * MIN_FRAMES


def test_tokens_are_bounded_by_the_duration() -> None:
    """A loop ends early in a short utterance, and never later than the decoder's positions allow."""
    assert token_limit(2) == 64
    assert token_limit(1_000) == 440


def test_an_improbable_text_looks_wrong() -> None:
    """Below faster-whisper's threshold, not at it."""
    assert not recognition(logprob=LOG_PROBABILITY_THRESHOLD).looks_wrong
    assert recognition(logprob=LOG_PROBABILITY_THRESHOLD - A_LITTLE).looks_wrong


def test_a_repetitive_text_looks_wrong() -> None:
    """Above faster-whisper's threshold, not at it."""
    assert not recognition(compression=COMPRESSION_RATIO_THRESHOLD).looks_wrong
    assert recognition(compression=COMPRESSION_RATIO_THRESHOLD + A_LITTLE).looks_wrong


def test_silence_is_improbable_speech_over_probable_silence() -> None:
    """Both together are silence; either alone is not."""
    silence = recognition(logprob=-1.5, no_speech=NO_SPEECH_THRESHOLD + A_LITTLE)
    assert (silence.spoken_text, silence.looks_wrong) == ("", False)
    assert recognition(logprob=-1.5, no_speech=NO_SPEECH_THRESHOLD).spoken_text == "seven"
    assert recognition(logprob=-0.5, no_speech=0.99).spoken_text == "seven"


@pytest.mark.parametrize("text", TEXTS)
def test_the_fitted_context_understands_what_the_full_one_does(
    whisper: WhisperEngine, spoken: Callable[[str], Samples], text: str
) -> None:
    """Both ways give the words that were said, and both are sure of them."""
    fitted = whisper.recognize([Utterance(spoken(text))])[0]
    full = whisper.recognize([Utterance(spoken(text), fit=False)])[0]
    assert (fitted.text, fitted.fitted) == (text, True)
    assert (full.text, full.fitted) == (text, False)
    assert not fitted.looks_wrong


def test_a_batch_gives_the_texts_of_its_members(
    whisper: WhisperEngine, spoken: Callable[[str], Samples]
) -> None:
    """Utterances of different lengths, padded to the longest, are understood as if alone."""
    batch = [*TEXTS, "zero"]
    found = whisper.recognize([Utterance(spoken(text)) for text in batch])
    assert [recognition.text for recognition in found] == batch


@pytest.mark.parametrize("duration_s", [0.05, 0.3, 5.0])
def test_noise_gives_no_text(whisper: WhisperEngine, duration_s: float) -> None:
    """Quiet noise of any length is no speech, and its figures are numbers that JSON knows."""
    found = whisper.recognize([Utterance(noise(duration_s))])[0]
    assert found.spoken_text == ""
    assert math.isfinite(found.avg_logprob + found.no_speech_prob + found.compression_ratio)


def test_long_audio_is_heard_to_its_end(whisper: WhisperEngine, spoken: Callable[[str], Samples]) -> None:
    """Of forty seconds, the words in the first and in the second window are both understood.

    The micro model was trained on clips of 8 s: of more words than these it loses some in so much silence.
    """
    samples = np.zeros(16_000 * 40, np.float32)
    first, second = "hello", "thank you goodbye"
    for text, start_s in ((first, 0.2), (second, 30.2)):
        start = round(16_000 * start_s)
        samples[start : start + len(spoken(text))] = spoken(text)
    found = whisper.recognize([Utterance(samples, fit=False)])[0]
    assert found.text == f"{first} {second}"


def test_a_model_of_one_language_hears_only_that(
    whisper: WhisperEngine, spoken: Callable[[str], Samples]
) -> None:
    """Asking an English model for another language, or for detection, gives English."""
    for language in ("de", None):
        found = whisper.recognize([Utterance(spoken(TEXTS[0]), language)])[0]
        assert (found.text, found.language) == (TEXTS[0], "en")


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> WhisperEngine:
    """Load a model of many languages that has learned none."""
    folder = tmp_path_factory.mktemp("multilingual")
    write_model(folder)
    return WhisperEngine.load(folder, "multilingual", cpu_threads=1)


@pytest.mark.parametrize("fit", [True, False])
def test_a_model_of_many_languages_hears_what_it_is_told(multilingual: WhisperEngine, fit: bool) -> None:
    """The language of each utterance is the one asked for."""
    for language in ("en", "de"):
        assert multilingual.recognize([Utterance(noise(1), language, fit)])[0].language == language


def test_languages_mix_in_a_batch(multilingual: WhisperEngine) -> None:
    """Each utterance has its own language; for one without, the model chooses as it does for it alone."""
    alone = multilingual.recognize([Utterance(noise(1), None)])[0].language
    batch = multilingual.recognize([Utterance(noise(1), language) for language in ("de", None, "fr")])
    assert [found.language for found in batch] == ["de", alone, "fr"]


def test_an_unknown_language_is_refused(multilingual: WhisperEngine) -> None:
    """The refusal lists the languages that there are."""
    with pytest.raises(InvalidRequestError, match="'xx' is not a valid language"):
        multilingual.recognize([Utterance(noise(1), "xx")])


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """The error says which folder has no model."""
    with pytest.raises(ModelLoadError, match=f"{tmp_path}.*model.bin is missing"):
        WhisperEngine.load(tmp_path, "nothing")


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    """The error says which folder cannot be loaded."""
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelLoadError, match=f"{tmp_path} cannot be loaded"):
        WhisperEngine.load(tmp_path, "broken")
