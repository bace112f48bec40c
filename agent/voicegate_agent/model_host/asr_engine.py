"""Whisper with a context that fits: faster-whisper's model, fed the utterance instead of 30 s of padding."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment, get_suppressed_tokens
from numpy.typing import NDArray

from voicegate_agent import log_lines
from voicegate_agent.host_settings import Device, HostSettings
from voicegate_agent.languages import AUTO
from voicegate_agent.memory_release import release_memory
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import FULL_FRAMES, SAMPLES_PER_FRAME, TRAINED_SHORT, Fitting
from voicegate_agent.model_host.hardware import require_device
from voicegate_agent.model_host.loops import compression_ratio
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, InvalidRequestError, ModelLoadError
from voicegate_agent.model_host.recognition import SPEECH_THRESHOLD, Recognition, Utterance, token_limit
from voicegate_agent.model_host.speech_detection import speech_probability
from voicegate_agent.processors import usable_cores

logger = logging.getLogger("voicegate_agent.model_host")

FALLBACK_TEMPERATURES = (0.0, 0.4)
WARM_UP_S = 2.4
WARM_UP_BATCH = 8
_WINDOW = FULL_FRAMES * SAMPLES_PER_FRAME

SATURATING_WORK_PER_CORE = 400_000
"""Frames × width of the model that keep a core busy; more in a batch saves little and delays its first.

Measured on 2 cores, 2 s utterances, each against alone: width 512 costs a third in a batch of 8; width 1280
costs 0.84 in a batch of 2 and 0.81 in one of 8.
"""

GPU_BATCH_FRAMES = 8 * FULL_FRAMES
"""The same for a GPU, whatever the cores: eight utterances of any length, after which a batch saves no more."""


class AsrEngine(Protocol):
    """What turns a batch of utterances into text, in the thread that calls it."""

    @property
    def name(self) -> str:
        """What the log and the API call the model."""
        ...

    @property
    def batch_frames(self) -> int:
        """How many frames, padding included, are worth putting in one batch."""
        ...

    def recognize(self, utterances: Sequence[Utterance]) -> Sequence[Recognition]:
        """Recognize each utterance; one that does not fit must come alone."""
        ...


def max_batch_frames(device: str, width: int, cores: int) -> int:
    """Give how many frames are worth putting in one batch for a model of this width, on a GPU or on these cores."""
    return GPU_BATCH_FRAMES if device == Device.CUDA else SATURATING_WORK_PER_CORE * cores // width


class WhisperEngine:
    """A Whisper model; not for parallel use (SYSTRAN/faster-whisper#1055 grows without end)."""

    def __init__(
        self, model: WhisperModel, name: str, cores: int, fitting: Fitting | None = TRAINED_SHORT
    ) -> None:
        """Take a loaded model, how many cores it computes on, and how it hears with less than 30 s (None: not at all)."""
        self._model = model
        self._fitting = fitting
        self._name = name
        self._cores = cores
        silence = self._features([Utterance(np.zeros(ASR_SAMPLE_RATE_HZ, np.float32))])
        self._batch_frames = max_batch_frames(model.model.device, model.encode(silence).shape[2], cores)
        self._tokenizers: dict[str, Tokenizer] = {}

    @classmethod
    def load(
        cls,
        folder: Path,
        name: str,
        settings: HostSettings | None = None,
        fitting: Fitting | None = TRAINED_SHORT,
    ) -> Self:
        """Load a CTranslate2 model folder, with one worker, and try it; what it computes on and with is a setting.

        Raises ModelLoadError naming the folder, or the setting of a device that is not there.
        """
        settings = settings or HostSettings()
        require_device(settings)
        logger.info(log_lines.loading_asr(name, settings.device))
        threads = settings.cpu_threads or usable_cores()
        if not (folder / "model.bin").is_file():
            message = f"there is no speech-to-text model at {folder}: model.bin is missing"
            raise ModelLoadError(message)
        try:
            model = WhisperModel(
                str(folder),
                device=settings.device,
                device_index=settings.device_index,
                compute_type=settings.computes_with,
                cpu_threads=threads,
                num_workers=1,
            )
            engine = cls(model, name, threads, fitting)
            engine.require_language(settings.language)
            release_memory()  # what loading left behind: 232 MB of it for the distil-large-v3 shape
            engine.warm_up()
        except Exception as error:  # CTranslate2 and tokenizers raise many unrelated types
            message = f"the speech-to-text model at {folder} cannot be loaded: {error}"
            raise ModelLoadError(message) from error
        logger.info(log_lines.ASR_LOADED)
        return engine

    def with_fitting(self, fitting: Fitting | None) -> Self:
        """Give an engine that hears with the same weights in another way."""
        return type(self)(self._model, self._name, self._cores, fitting)

    @property
    def name(self) -> str:
        """What the log and the API call the model."""
        return self._name

    @property
    def compute_type(self) -> str:
        """The numbers that it computes with, in CTranslate2's names."""
        return str(self._model.model.compute_type)

    @property
    def batch_frames(self) -> int:
        """How many frames, padding included, are worth putting in one batch."""
        return self._batch_frames

    def recognize(self, utterances: Sequence[Utterance]) -> list[Recognition]:
        """Recognize a batch in one pass of the encoder, or one utterance with the full context.

        Raises InvalidRequestError for a language that the model does not know.
        """
        if not all(utterance.fit for utterance in utterances):
            return [_doubted(self._recognize_full(utterance), utterance) for utterance in utterances]
        encoded = self._model.encode(self._features(utterances))
        tokenizers = self._tokenizers_for(utterances, encoded)
        prompts = [self._prompt(tokenizer) for tokenizer in tokenizers]
        longest_s = max(utterance.duration_s for utterance in utterances)
        results = self._model.model.generate(
            encoded,
            prompts,
            beam_size=1,
            max_length=len(prompts[0]) + token_limit(longest_s),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=list(get_suppressed_tokens(tokenizers[0], [-1])),
        )
        return [
            _doubted(_recognition(result, tokenizer), utterance)
            for result, tokenizer, utterance in zip(results, tokenizers, utterances, strict=True)
        ]

    def warm_up(self) -> None:
        """Hear silence in as large a batch as calls will make, so that none of them pays for the memory it takes.

        What is heard in 30 s comes alone. The detector of speech is loaded here too, not in the first doubtful call.
        """
        samples = np.zeros(round(WARM_UP_S * ASR_SAMPLE_RATE_HZ), np.float32)
        silence = Utterance(samples, least_frames=self._fitting.contexts[0] if self._fitting else None)
        most = self._batch_frames // silence.frames if silence.fit else 1
        self.recognize([silence] * max(1, min(WARM_UP_BATCH, most)))
        speech_probability(samples)

    def require_language(self, language: str) -> None:
        """Raise InvalidRequestError when the model does not hear a language; any model hears English and `auto`."""
        if language in ("en", AUTO):
            return
        if not self._model.model.is_multilingual:
            message = f"it hears English only, and the language is {language!r}"
            raise InvalidRequestError(message)
        self._tokenizer(language)

    def _prompt(self, tokenizer: Tokenizer) -> list[int]:
        end = [] if self._fitting and self._fitting.timestamps else [tokenizer.no_timestamps]
        return [*tokenizer.sot_sequence, *end]

    def _features(self, utterances: Sequence[Utterance]) -> NDArray[np.float32]:
        extractor = self._model.feature_extractor
        frames = max(utterance.frames for utterance in utterances)
        batch = np.zeros((len(utterances), extractor.mel_filters.shape[0], frames), np.float32)
        for row, utterance in zip(batch, utterances, strict=True):
            features = extractor(utterance.samples)[:, :-1]
            row[:, : features.shape[1]] = features
        return batch

    def _tokenizers_for(
        self, utterances: Sequence[Utterance], encoded: ctranslate2.StorageView
    ) -> list[Tokenizer]:
        languages = [utterance.language for utterance in utterances]
        if self._model.model.is_multilingual and None in languages:
            found = self._languages(encoded)
            languages = [language or other for language, other in zip(languages, found, strict=True)]
        return [self._tokenizer(language or "en") for language in languages]

    def _tokenizer(self, language: str) -> Tokenizer:
        if not self._model.model.is_multilingual:
            language = "en"
        if language not in self._tokenizers:
            tokenizer = self._model.hf_tokenizer
            if self._model.model.is_multilingual and tokenizer.token_to_id(f"<|{language}|>") is None:
                message = f"the model {self._name} does not know the language {language!r}"
                raise InvalidRequestError(message)
            self._tokenizers[language] = Tokenizer(
                tokenizer, self._model.model.is_multilingual, "transcribe", language
            )
        return self._tokenizers[language]

    def _only_language(self, samples: Samples) -> Recognition:
        """Find out what is spoken in the first 30 s of speech, or in the first of all where nobody speaks."""
        windows = [samples[start : start + _WINDOW] for start in range(0, len(samples), _WINDOW)]
        spoken = (one for one in windows if speech_probability(one) >= SPEECH_THRESHOLD)
        language = "en"
        if self._model.model.is_multilingual:
            first = Utterance(next(spoken, windows[0]), least_frames=None)
            language = self._languages(self._model.encode(self._features([first])))[0]
        return Recognition("", language, 0.0, 0.0, 0.0, fitted=False)

    def _languages(self, encoded: ctranslate2.StorageView) -> list[str]:
        return [candidates[0][0][2:-2] for candidates in self._model.model.detect_language(encoded)]

    def _recognize_full(self, utterance: Utterance) -> Recognition:
        if utterance.only_language:
            return self._only_language(utterance.samples)
        language = self._tokenizer(utterance.language).language_code if utterance.language else None
        segments, info = self._model.transcribe(
            utterance.samples,
            language=language,
            beam_size=1,
            temperature=FALLBACK_TEMPERATURES,
            condition_on_previous_text=False,
            max_new_tokens=token_limit(min(utterance.duration_s, 30)),
        )
        return joined(list(segments), info.language)


def joined(segments: Sequence[Segment], language: str) -> Recognition:
    """Put the text of all segments together, with both probabilities of the least probable one.

    Of different segments they would say that nobody spoke, of which faster-whisper itself was sure in neither.
    """
    worst = min(segments, key=lambda segment: segment.avg_logprob, default=None)
    return Recognition(
        text="".join(segment.text for segment in segments).strip(),
        language=language,
        avg_logprob=worst.avg_logprob if worst else 0.0,
        no_speech_prob=worst.no_speech_prob if worst else 1.0,
        compression_ratio=max((segment.compression_ratio for segment in segments), default=0.0),
        fitted=False,
    )


def _doubted(found: Recognition, utterance: Utterance) -> Recognition:
    """Ask whether anybody spoke, where the model was not sure."""
    if not found.may_be_no_speech:
        return found
    return replace(found, speech_prob=speech_probability(utterance.samples))


def _recognition(result: ctranslate2.models.WhisperGenerationResult, tokenizer: Tokenizer) -> Recognition:
    tokens = result.sequences_ids[0]
    text = tokenizer.decode(tokens).strip()
    return Recognition(
        text=text,
        language=tokenizer.language_code,
        avg_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1) if tokens else 0.0,  # else it is NaN
        no_speech_prob=result.no_speech_prob,
        compression_ratio=compression_ratio(text),
        fitted=True,
        unfinished=wants_to_go_on(tokens, tokenizer.timestamp_begin),
    )


def wants_to_go_on(tokens: Sequence[int], first_timestamp: int) -> bool:
    """Whether a text ends in two timestamps, by which Whisper asks to be shown what follows the second."""
    return len(tokens) >= 2 and min(tokens[-2:]) >= first_timestamp
