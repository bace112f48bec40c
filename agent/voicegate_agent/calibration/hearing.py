"""What several ways to hear make of the same clips: words that are wrong, and processor time."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from voicegate_agent.calibration.clips import Clip
from voicegate_agent.model_host.decoding import Samples

ALL = "all"

Hear = Callable[[Samples], Awaitable[str]]
"""A way to hear: from samples at 16 kHz to text."""

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one way of hearing made of one clip: words that are wrong, of how many, and its processor time."""

    kind: str
    wrong_words: int
    words: int
    cpu_s: float


def words_of(text: str) -> list[str]:
    """Give the words, digits one by one and in English: "2416" and "two four one six" are the same."""
    spelled = re.sub(r"\d", lambda digit: f" {_DIGITS[int(digit[0])]} ", text.lower().replace("'", ""))
    return re.sub(r"[^\w\s]", " ", spelled).split()


def wrong_words(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Count the words to put in, leave out or replace."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], count
        for column, other in enumerate(heard, 1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other)),
            )
    return row[-1]


async def hear_all(
    clips: Sequence[Clip], ways: Mapping[str, Hear], done: Callable[[int], None] = lambda _: None
) -> dict[str, list[Heard]]:
    """Hear each clip in every way, one after the other, so that the machine is the same for all; `done` counts the clips."""
    found: dict[str, list[Heard]] = {way: [] for way in ways}
    for number, clip in enumerate(clips, 1):
        reference = words_of(clip.text)
        for way, hear in ways.items():
            started_s = time.process_time()
            heard = words_of(await hear(clip.samples))
            cpu_s = time.process_time() - started_s
            found[way].append(Heard(clip.kind, wrong_words(reference, heard), len(reference), cpu_s))
        done(number)
    return found


def kinds_of(heard: Sequence[Heard]) -> list[str]:
    """List the kinds of clips by name."""
    return sorted({one.kind for one in heard})


def error_rate(heard: Sequence[Heard], kind: str = ALL) -> float:
    """Give the wrong words as a fraction of those spoken; where none was, each wrong word counts as one."""
    counted = [one for one in heard if kind in (ALL, one.kind)]
    return sum(one.wrong_words for one in counted) / max(1, sum(one.words for one in counted))


def mean_cpu_s(heard: Sequence[Heard]) -> float:
    """Give the processor time of a clip."""
    return sum(one.cpu_s for one in heard) / len(heard)


def table(found: Mapping[str, Sequence[Heard]]) -> str:
    """Lay the ways out as Markdown: word errors of each kind, and the processor time of a clip."""
    kinds = [ALL, *kinds_of([one for heard in found.values() for one in heard])]
    lines = [f"| way | {' | '.join(kinds)} | CPU per utterance |", f"|---|{'---:|' * (len(kinds) + 1)}"]
    for way, heard in found.items():
        rates = " | ".join(f"{100 * error_rate(heard, kind):.1f} %" for kind in kinds)
        lines.append(f"| {way} | {rates} | {1000 * mean_cpu_s(heard):.0f} ms |")
    return "\n".join(lines)
