"""Whisper with a context that fits: faster-whisper's model, fed the utterance instead of 30 s of padding.

Source of the thresholds and of the silence rule: faster-whisper's `WhisperModel.transcribe`.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens
from numpy.typing import NDArray

from voicegate_agent import log_lines
from voicegate_agent.memory_release import release_memory
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, InvalidRequestError, ModelLoadError

logger = logging.getLogger("voicegate_agent.model_host")

MIN_FRAMES = 240
MARGIN_FRAMES = 60
FRAME_STEP = 20
LOG_PROBABILITY_THRESHOLD = -1.0
COMPRESSION_RATIO_THRESHOLD = 2.4
NO_SPEECH_THRESHOLD = 0.6
SHORTEST_UTTERANCE_S = 0.05
SAMPLES_PER_FRAME = 160
FULL_FRAMES = 3000
FALLBACK_TEMPERATURES = (0.0, 0.4)
WARM_UP_S = 2.4
WARM_UP_BATCH = 8

BATCH_WORK_PER_CORE = 400_000
"""Frames × width of the model that keep a core busy; more in a batch saves little and delays its first.

Measured on 2 cores, 2 s utterances, each against alone: width 512 costs a third in a batch of 8; width 1280
costs 0.84 in a batch of 2 and 0.81 in one of 8.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """Mono float samples at 16 kHz to transcribe; `language` None means that the model finds out.

    `fit` False asks for the full 30 s context.
    """

    samples: Samples
    language: str | None = "en"
    fit: bool = True

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return len(self.samples) / ASR_SAMPLE_RATE_HZ

    @property
    def frames(self) -> int:
        """How many 10 ms frames the encoder sees."""
        return fitted_frames(len(self.samples)) if self.fit else FULL_FRAMES

    @property
    def silent(self) -> bool:
        """Whether no model is needed to hear that nobody spoke."""
        return self.duration_s < SHORTEST_UTTERANCE_S or not self.samples.any()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a model made of one utterance; the figures are faster-whisper's."""

    text: str
    language: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    fitted: bool

    @property
    def looks_wrong(self) -> bool:
        """Whether faster-whisper would try again: improbable or repetitive, and not silence."""
        improbable = self.avg_logprob < LOG_PROBABILITY_THRESHOLD
        return (improbable and not self._nobody_spoke) or self.compression_ratio > COMPRESSION_RATIO_THRESHOLD

    @property
    def spoken_text(self) -> str:
        """The text, or nothing when nobody spoke."""
        return "" if self._nobody_spoke else self.text

    @property
    def _nobody_spoke(self) -> bool:
        return self.no_speech_prob > NO_SPEECH_THRESHOLD and self.avg_logprob < LOG_PROBABILITY_THRESHOLD


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


def fitted_frames(samples: int) -> int:
    """Give the encoder's frames for an utterance: with a margin behind it, not too few, a round number."""
    frames = -(-samples // SAMPLES_PER_FRAME) + MARGIN_FRAMES
    return max(MIN_FRAMES, -(-frames // FRAME_STEP) * FRAME_STEP)


def worthwhile_frames(width: int, cores: int) -> int:
    """Give how many frames are worth putting in one batch for a model of this width on these cores."""
    return BATCH_WORK_PER_CORE * cores // width


def token_limit(duration_s: float) -> int:
    """Bound the tokens of an utterance well above the fastest speech, so that a loop ends early."""
    return min(440, 32 + int(16 * duration_s))


class WhisperEngine:
    """A Whisper model on the CPU; not for parallel use (SYSTRAN/faster-whisper#1055 grows without end)."""

    def __init__(self, model: WhisperModel, name: str, cores: int) -> None:
        """Take a loaded model, and how many cores it computes on."""
        self._model = model
        self._name = name
        silence = self._features([Utterance(np.zeros(ASR_SAMPLE_RATE_HZ, np.float32))])
        self._batch_frames = worthwhile_frames(model.encode(silence).shape[2], cores)
        self._tokenizers: dict[str, Tokenizer] = {}

    @classmethod
    def load(cls, folder: Path, name: str, cpu_threads: int = 0) -> Self:
        """Load a CTranslate2 model folder, with one worker and `cpu_threads` threads (0: all cores).

        Raises ModelLoadError naming the folder.
        """
        logger.info(log_lines.loading_asr(name))
        threads = cpu_threads or len(os.sched_getaffinity(0))
        if not (folder / "model.bin").is_file():
            message = f"there is no speech-to-text model at {folder}: model.bin is missing"
            raise ModelLoadError(message)
        try:
            model = WhisperModel(str(folder), device="cpu", cpu_threads=threads, num_workers=1)
            engine = cls(model, name, threads)
            release_memory()  # what loading left behind: 232 MB of it for the distil-large-v3 shape
            engine.warm_up()
        except Exception as error:  # CTranslate2 and tokenizers raise many unrelated types
            message = f"the speech-to-text model at {folder} cannot be loaded: {error}"
            raise ModelLoadError(message) from error
        logger.info(log_lines.ASR_LOADED)
        return engine

    @property
    def name(self) -> str:
        """What the log and the API call the model."""
        return self._name

    @property
    def batch_frames(self) -> int:
        """How many frames, padding included, are worth putting in one batch."""
        return self._batch_frames

    def recognize(self, utterances: Sequence[Utterance]) -> list[Recognition]:
        """Recognize a batch in one pass of the encoder, or one utterance with the full context.

        Raises InvalidRequestError for a language that the model does not know.
        """
        if any(not utterance.fit for utterance in utterances):
            return [self._recognize_full(utterance) for utterance in utterances]
        encoded = self._model.encode(self._features(utterances))
        tokenizers = self._tokenizers_for(utterances, encoded)
        prompts = [[*tokenizer.sot_sequence, tokenizer.no_timestamps] for tokenizer in tokenizers]
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
            _recognition(result, tokenizer) for result, tokenizer in zip(results, tokenizers, strict=True)
        ]

    def warm_up(self) -> None:
        """Hear silence in as large a batch as calls will make, so that none of them pays for the memory it takes."""
        silence = Utterance(np.zeros(round(WARM_UP_S * ASR_SAMPLE_RATE_HZ), np.float32))
        self.recognize([silence] * max(1, min(WARM_UP_BATCH, self._batch_frames // silence.frames)))

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
            found = [candidates[0][0][2:-2] for candidates in self._model.model.detect_language(encoded)]
            languages = [language or other for language, other in zip(languages, found, strict=True)]
        return [self._tokenizer(language or "en") for language in languages]

    def _tokenizer(self, language: str) -> Tokenizer:
        if not self._model.model.is_multilingual:
            language = "en"
        if language not in self._tokenizers:
            try:
                self._tokenizers[language] = Tokenizer(
                    self._model.hf_tokenizer, self._model.model.is_multilingual, "transcribe", language
                )
            except ValueError as error:
                raise InvalidRequestError(str(error)) from error
        return self._tokenizers[language]

    def _recognize_full(self, utterance: Utterance) -> Recognition:
        language = self._tokenizer(utterance.language).language_code if utterance.language else None
        segments, info = self._model.transcribe(
            utterance.samples,
            language=language,
            beam_size=1,
            temperature=FALLBACK_TEMPERATURES,
            condition_on_previous_text=False,
            max_new_tokens=token_limit(min(utterance.duration_s, 30)),
        )
        found = list(segments)
        text = "".join(segment.text for segment in found).strip()
        return Recognition(
            text=text,
            language=info.language,
            avg_logprob=min((segment.avg_logprob for segment in found), default=0.0),
            no_speech_prob=max((segment.no_speech_prob for segment in found), default=1.0),
            compression_ratio=max((segment.compression_ratio for segment in found), default=0.0),
            fitted=False,
        )


def _recognition(result: ctranslate2.models.WhisperGenerationResult, tokenizer: Tokenizer) -> Recognition:
    tokens = result.sequences_ids[0]
    text = tokenizer.decode(tokens).strip()
    return Recognition(
        text=text,
        language=tokenizer.language_code,
        avg_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1) if tokens else 0.0,  # else it is NaN
        no_speech_prob=result.no_speech_prob,
        compression_ratio=get_compression_ratio(text),
        fitted=True,
    )
