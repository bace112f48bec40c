"""What is heard, and what came of it: an utterance, its recognition, and whether that looks wrong.

Source of the thresholds and of the silence rule: faster-whisper's `WhisperModel.transcribe`.
"""

from dataclasses import dataclass

from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import (
    FULL_FRAMES,
    LOG_PROBABILITY_THRESHOLD,
    TRAINED_SHORT,
    fitted_frames,
)
from voicegate_agent.model_host.loops import compression_ratio, is_repeated, without_loops
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ

COMPRESSION_RATIO_THRESHOLD = 2.4
NO_SPEECH_THRESHOLD = 0.6
SPEECH_THRESHOLD = 0.6
DOUBTFUL_NO_SPEECH = 0.4
DOUBTFUL_LOG_PROBABILITY = -0.7
SHORTEST_UTTERANCE_S = 0.05
_WORDS_TO_COUNT = 3  # a text of fewer words has no turns that could be counted and cut


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """Mono float samples at 16 kHz to transcribe; `language` None means that the model finds out.

    `least_frames` is the narrowest context that it may have; None asks for the full 30 s, as faster-whisper ships it.
    With `only_language` no text is wanted, only what is spoken in the first 30 s of speech.
    """

    samples: Samples
    language: str | None = "en"
    least_frames: int | None = TRAINED_SHORT.contexts[0]
    only_language: bool = False

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return len(self.samples) / ASR_SAMPLE_RATE_HZ

    @property
    def fit(self) -> bool:
        """Whether its context is less than the full one."""
        return self.least_frames is not None

    @property
    def frames(self) -> int:
        """How many 10 ms frames the encoder sees."""
        return fitted_frames(len(self.samples), self.least_frames) if self.least_frames else FULL_FRAMES

    @property
    def silent(self) -> bool:
        """Whether no model is needed to hear that nobody spoke."""
        return self.duration_s < SHORTEST_UTTERANCE_S or not self.samples.any()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a model made of one utterance; the figures are faster-whisper's, but for `speech_prob`, the detector's.

    That is asked only when `may_be_no_speech`. `unfinished`: the model stopped before the end, to be shown what follows.
    """

    text: str
    language: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    fitted: bool
    speech_prob: float = 1.0
    unfinished: bool = False

    def looks_wrong(self, improbable: float = LOG_PROBABILITY_THRESHOLD) -> bool:
        """Whether to try again, as faster-whisper does: improbable or in loops, and not silence."""
        return not self.nobody_spoke and (self.loops or self.avg_logprob < improbable)

    @property
    def may_be_no_speech(self) -> bool:
        """Whether it is worth asking if anybody spoke at all."""
        return self.no_speech_prob > DOUBTFUL_NO_SPEECH or self.avg_logprob < DOUBTFUL_LOG_PROBABILITY

    @property
    def loops(self) -> bool:
        """Whether the text is that of a model that has lost the thread."""
        cut = without_loops(self.text) != " ".join(self.text.split())
        return cut or self.compression_ratio > COMPRESSION_RATIO_THRESHOLD

    @property
    def repeats(self) -> bool:
        """Whether it says a phrase twice: people do that too, but where a second hearing costs little it is worth one."""
        return not self.nobody_spoke and is_repeated(self.text)

    @property
    def spoken_text(self) -> str:
        """The text without its loops, or nothing when nobody spoke, or when it is one long loop without words to count."""
        text = "" if self.nobody_spoke else without_loops(self.text)
        wordless = len(text.split()) < _WORDS_TO_COUNT
        return "" if wordless and compression_ratio(text) > COMPRESSION_RATIO_THRESHOLD else text

    @property
    def nobody_spoke(self) -> bool:
        """Whether the model says so by faster-whisper's rule, or who only listens for speech does."""
        improbable = self.avg_logprob < LOG_PROBABILITY_THRESHOLD
        return self.speech_prob < SPEECH_THRESHOLD or (
            self.no_speech_prob > NO_SPEECH_THRESHOLD and improbable
        )


def token_limit(duration_s: float) -> int:
    """Bound the tokens of an utterance well above the fastest speech, so that a loop ends early."""
    return min(440, 32 + int(16 * duration_s))
