"""A clip: recorded speech that a caller can say, and what it should lead to."""

from dataclasses import dataclass

from verification.record.wav import Samples


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech at the tracks' rate, shape (n,), its text, the code spoken in it as digits, and the reply it should get."""

    name: str
    text: str
    code: str | None
    expected_reply: str
    samples: Samples
