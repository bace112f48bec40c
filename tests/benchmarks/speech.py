"""What is spoken in the benchmarks: utterances of callers, and a reply."""

from dataclasses import dataclass

from voicegate_agent.model_host.decoding import Samples

REPLY = "Thank you. Your code is four seven one nine. Is there anything else that I can help you with?"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech at 16 kHz; `text` is what must be understood, None where the words may be written in another way."""

    samples: Samples
    text: str | None

    def check(self, understood: str) -> None:
        """See that it was understood."""
        assert understood
        assert self.text in (None, understood)
