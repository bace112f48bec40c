"""The fitted context gives the texts of the full one, alone and in a batch."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.multilingual_whisper import write_model
from fakes.speech_engines import noise
from faster_whisper.transcribe import Segment
from faster_whisper.vad import get_vad_model
from voicegate_agent.host_settings import ComputeType, HostSettings
from voicegate_agent.model_host.asr_engine import (
    WhisperEngine,
    joined,
    max_batch_frames,
    wants_to_go_on,
)
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import FULL_FRAMES, TRAINED_SHORT, Fitting
from voicegate_agent.model_host.protocol import InvalidRequestError, ModelLoadError
from voicegate_agent.model_host.recognition import Recognition, Utterance

TEXTS = ("my code is seven three one nine", "my code is four zero two eight", "my code is five six one two")
(SHORTEST,) = TRAINED_SHORT.contexts


class CountingEngine(WhisperEngine):
    """Counts how many utterances come at a time."""

    def __init__(self, *arguments: Any) -> None:
        """Take what a WhisperEngine takes."""
        super().__init__(*arguments)
        self.sizes: list[int] = []

    def recognize(self, utterances: Sequence[Utterance]) -> list[Recognition]:
        """Count, and hear them."""
        self.sizes.append(len(utterances))
        return super().recognize(utterances)


@pytest.mark.parametrize(
    ("width", "cores", "utterances"), [(1280, 2, 2), (1280, 8, 10), (512, 2, 6), (160, 2, 20)]
)
def test_wide_models_take_small_batches(width: int, cores: int, utterances: int) -> None:
    """A batch is as large as keeps the cores busy, counted in utterances of the shortest kind."""
    assert max_batch_frames("cpu", width, cores) // SHORTEST == utterances


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_the_cores_do_not_bound_a_gpus_batches(cores: int) -> None:
    """Eight utterances of 30 s fit, also beside a GPU on a machine with few cores."""
    assert max_batch_frames("cuda", 1280, cores) // FULL_FRAMES == 8


def test_the_width_is_the_models(whisper: WhisperEngine) -> None:
    """The packaged model is narrow, so that even one core takes several utterances at once."""
    assert whisper.batch_frames >= 4 * SHORTEST


@pytest.mark.parametrize("text", TEXTS)
def test_the_fitted_context_understands_what_the_full_one_does(
    whisper: WhisperEngine, spoken: Callable[[str], Samples], text: str
) -> None:
    """Both ways give the words that were said, and both are sure of them."""
    fitted = whisper.recognize([Utterance(spoken(text))])[0]
    full = whisper.recognize([Utterance(spoken(text), least_frames=None)])[0]
    assert (fitted.text, fitted.fitted) == (text, True)
    assert (full.text, full.fitted) == (text, False)
    assert not fitted.looks_wrong()


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
    found = whisper.recognize([Utterance(samples, least_frames=None)])[0]
    assert found.text == f"{first} {second}"


@pytest.mark.parametrize(
    ("tokens", "more"),
    [
        ([], False),
        ([100], False),
        ([100, 7, 8, 150], False),
        ([100, 7, 150, 150, 8, 180], False),
        ([100, 7, 150, 150], True),
        ([100, 7, 150, 151], True),
        ([7, 8, 9], False),
    ],
)
def test_two_timestamps_at_the_end_ask_for_more(tokens: list[int], more: bool) -> None:
    """One says that nothing follows; two within a text lie between its segments."""
    assert wants_to_go_on(tokens, 100) is more


def segment(text: str, *, logprob: float, no_speech: float, compression: float = 1.0) -> Segment:
    """Give a segment as faster-whisper does."""
    return Segment(0, 0, 0.0, 30.0, text, [], logprob, compression, no_speech, None, 0.0)


def test_what_was_said_does_not_vanish_beside_a_pause() -> None:
    """One window is improbable and the next probably no speech: neither is both, so the text stays."""
    found = joined(
        [
            segment(" My code", logprob=-1.5, no_speech=0.1, compression=1.2),
            segment(" is seven.", logprob=-0.3, no_speech=0.9),
        ],
        "en",
    )
    assert found.spoken_text == found.text == "My code is seven."
    assert (found.avg_logprob, found.no_speech_prob, found.compression_ratio) == (-1.5, 0.1, 1.2)


def test_no_segment_is_no_speech() -> None:
    """faster-whisper leaves out windows in which nobody spoke."""
    found = joined([], "en")
    assert (found.text, found.no_speech_prob, found.avg_logprob) == ("", 1.0, 0.0)


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
    return WhisperEngine.load(folder, "multilingual", HostSettings(cpu_threads=1, language="de"))


@pytest.mark.parametrize("least_frames", [SHORTEST, None])
def test_a_model_of_many_languages_hears_what_it_is_told(
    multilingual: WhisperEngine, least_frames: int | None
) -> None:
    """The language of each utterance is the one asked for."""
    for language in ("en", "de"):
        assert multilingual.recognize([Utterance(noise(1), language, least_frames)])[0].language == language


def test_languages_mix_in_a_batch(multilingual: WhisperEngine) -> None:
    """Each utterance has its own language; for one without, the model chooses as it does for it alone."""
    alone = multilingual.recognize([Utterance(noise(1), None)])[0].language
    batch = multilingual.recognize([Utterance(noise(1), language) for language in ("de", None, "fr")])
    assert [found.language for found in batch] == ["de", alone, "fr"]


@pytest.mark.parametrize("at_s", [0, 30, 60])
def test_the_language_of_an_upload_is_that_of_its_first_speech(
    multilingual: WhisperEngine,
    spoken: Callable[[str], Samples],
    monkeypatch: pytest.MonkeyPatch,
    at_s: int,
) -> None:
    """It is what faster-whisper finds in the 30 s in which somebody speaks first, and in the first ones where nobody does."""
    speech = np.pad(spoken(TEXTS[0]), (0, 16_000 * 30 - len(spoken(TEXTS[0]))))
    upload = np.concatenate([noise(at_s), speech, noise(30)])
    seen: list[Samples] = []
    features = multilingual._features

    def see(shown: Sequence[Utterance]) -> Samples:
        seen.extend(one.samples for one in shown)
        return features(shown)

    monkeypatch.setattr(multilingual, "_features", see)
    found = multilingual.recognize([Utterance(upload, None, None, only_language=True)])[0]
    nobody = multilingual.recognize([Utterance(noise(70), None, None, only_language=True)])[0]
    assert (found.language, found.text) == (multilingual._model.detect_language(speech)[0], "")
    assert nobody.language == multilingual._model.detect_language(noise(70))[0]
    assert [np.array_equal(one, upload[16_000 * at_s :][:480_000]) for one in seen] == [True, False]
    assert len(seen[1]) == 480_000


def test_the_language_of_an_upload_is_the_models_only_one(whisper: WhisperEngine) -> None:
    """Nothing is computed for it."""
    found = whisper.recognize([Utterance(noise(40), None, None, only_language=True)])[0]
    assert (found.language, found.text) == ("en", "")


def test_an_unknown_language_is_refused(multilingual: WhisperEngine) -> None:
    """The refusal names the model and the language."""
    with pytest.raises(InvalidRequestError, match="the model multilingual does not know the language 'xx'"):
        multilingual.recognize([Utterance(noise(1), "xx")])


def test_a_model_without_the_wanted_language_is_not_loaded(host_config: HostConfig) -> None:
    """A host that is to hear German does not start to hear everything as English."""
    files, settings = host_config.files, HostSettings(language="de", cpu_threads=1)
    with pytest.raises(ModelLoadError, match="it hears English only, and the language is 'de'"):
        WhisperEngine.load(files.asr_dir, files.asr_name, settings)


def test_the_detector_of_speech_is_loaded_with_the_model(host_config: HostConfig) -> None:
    """The first doubtful call does not wait for it."""
    get_vad_model.cache_clear()
    files = host_config.files
    WhisperEngine.load(files.asr_dir, files.asr_name, HostSettings(cpu_threads=1))
    assert get_vad_model.cache_info().currsize == 1


@pytest.mark.parametrize(("fitting", "batch"), [(TRAINED_SHORT, 8), (None, 1)])
def test_the_model_is_warmed_with_what_calls_bring(
    host_config: HostConfig, fitting: Fitting | None, batch: int
) -> None:
    """A batch where they come in batches; one utterance where each is heard alone in 30 s."""
    files = host_config.files
    engine = CountingEngine.load(files.asr_dir, files.asr_name, HostSettings(cpu_threads=1), fitting)
    assert engine.sizes == [batch]


@pytest.mark.parametrize("quantization", [None, "float16", "int8"])
def test_a_cpu_computes_in_int8_whatever_the_file_stores(tmp_path: Path, quantization: str | None) -> None:
    """float16 does not become float32, four times the size of int8; another type is a matter of asking for it."""
    write_model(tmp_path, quantization)
    engine = WhisperEngine.load(tmp_path, "stored", HostSettings(cpu_threads=1))
    assert engine.compute_type.startswith("int8")
    wanted = HostSettings(cpu_threads=1, compute_type=ComputeType.FLOAT32)
    assert WhisperEngine.load(tmp_path, "stored", wanted).compute_type == "float32"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """The error says which folder has no model."""
    with pytest.raises(ModelLoadError, match=f"{tmp_path}.*model.bin is missing"):
        WhisperEngine.load(tmp_path, "nothing")


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    """The error says which folder cannot be loaded."""
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelLoadError, match=f"{tmp_path} cannot be loaded"):
        WhisperEngine.load(tmp_path, "broken")
