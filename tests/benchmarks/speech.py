"""What is spoken in the benchmarks: utterances of callers, and a reply."""

from dataclasses import dataclass

from voicegate_agent.calibration.hearing import words_of, wrong_words
from voicegate_agent.model_host.decoding import Samples

REPLY = "Thank you. Your code is four seven one nine. Is there anything else that I can help you with?"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech at 16 kHz, and its text; `exactly`: the model must understand it to the letter."""

    samples: Samples
    text: str
    exactly: bool

    def check(self, understood: str) -> None:
        """See that it was understood."""
        assert understood
        assert not self.exactly or understood == self.text


@dataclass(slots=True)
class WordErrors:
    """Counts the words that one way of hearing got wrong."""

    wrong: int = 0
    words: int = 0

    def count(self, utterance: Utterance, understood: str) -> None:
        """See what was understood, and count it."""
        utterance.check(understood)
        reference = words_of(utterance.text)
        self.wrong += wrong_words(reference, words_of(understood))
        self.words += len(reference)

    @property
    def rate(self) -> float:
        """The wrong words as a fraction of those spoken."""
        return self.wrong / max(1, self.words)
