"""How well a profile's model hears people, and what that costs: `python tests/word_errors.py FOLDER --profile packaged`.

The folder holds recordings and an `index.json` that gives for each its `file`, its `text` and its `kind`. Each is heard by
faster-whisper as shipped and as the agent hears, in turns, on one thread. The cost is processor time, which other programs
disturb less than they do time.
"""

# ruff: noqa: E402
from voicegate_agent.model_host.__main__ import _prepare_libraries

_prepare_libraries()  # as the model host does, before anything imports NumPy

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faster_whisper import WhisperModel
from voicegate_agent.host_settings import FitContext, HostSettings, Profile
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.decoding import Samples, decode_upload
from voicegate_agent.model_host.fitting import chosen_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.recognizer import Recognizer
from voicegate_agent.models.files import ModelFiles, ModelFilesError
from voicegate_agent.models.profiles import resolve
from voicegate_agent.settings import AgentSettings

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ALL = "all"

Hear = Callable[[Samples], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Recording:
    """What somebody said, of which kind it is, and the sound at 16 kHz."""

    text: str
    kind: str
    samples: Samples


@dataclass(frozen=True, slots=True)
class Heard:
    """What one way of hearing made of one recording: words that are wrong, of how many, and its processor time."""

    kind: str
    wrong_words: int
    words: int
    cpu_s: float


def read_recordings(folder: Path, every: int = 1) -> list[Recording]:
    """Read every so many recordings of a folder; raises OSError when it has no index."""
    entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))[::every]
    return [
        Recording(one["text"], one["kind"], decode_upload((folder / one["file"]).read_bytes()))
        for one in entries
    ]


def words_of(text: str) -> list[str]:
    """Give the words, digits one by one: "2416" and "two four one six" are the same."""
    spelled = re.sub(r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text.lower().replace("'", ""))
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


async def hear_all(recordings: Sequence[Recording], ways: dict[str, Hear]) -> dict[str, list[Heard]]:
    """Hear each recording in every way, one after the other."""
    found: dict[str, list[Heard]] = {way: [] for way in ways}
    for one in recordings:
        reference = words_of(one.text)
        for way, hear in ways.items():
            started_s = time.process_time()
            heard = words_of(await hear(one.samples))
            cpu_s = time.process_time() - started_s
            found[way].append(Heard(one.kind, wrong_words(reference, heard), len(reference), cpu_s))
    return found


def error_rate(heard: Sequence[Heard], kind: str = ALL) -> float:
    """Give the part of the words that are wrong."""
    counted = [one for one in heard if kind in (ALL, one.kind)]
    return sum(one.wrong_words for one in counted) / sum(one.words for one in counted)


def mean_cpu_s(heard: Sequence[Heard]) -> float:
    """Give the processor time of an utterance."""
    return sum(one.cpu_s for one in heard) / len(heard)


def ways_to_hear(files: ModelFiles) -> dict[str, Hear]:
    """Load a model once for each way: as faster-whisper ships it, and as the agent does."""
    settings = HostSettings(cpu_threads=1)
    shipped = WhisperModel(
        str(files.asr_dir), device="cpu", compute_type=settings.computes_with, cpu_threads=1, num_workers=1
    )
    fitting = chosen_fitting(FitContext.AUTO, files.asr_name)
    engine = WhisperEngine.load(files.asr_dir, files.asr_name, settings, fitting)
    recognizer = Recognizer(engine, HostMetrics(), fitting=fitting)

    async def as_shipped(samples: Samples) -> str:
        segments, _ = shipped.transcribe(samples, language="en")
        return "".join(segment.text for segment in segments)

    async def as_the_agent(samples: Samples) -> str:
        return (await recognizer.transcribe(samples, "en")).text

    return {"faster-whisper as shipped": as_shipped, "the agent": as_the_agent}


def table(found: dict[str, list[Heard]]) -> str:
    """Lay the ways out as Markdown: word errors of each kind, and the processor time of an utterance."""
    kinds = [ALL, *sorted({one.kind for heard in found.values() for one in heard})]
    lines = [f"| way | {' | '.join(kinds)} | CPU per utterance |", f"|---|{'---:|' * (len(kinds) + 1)}"]
    for way, heard in found.items():
        rates = " | ".join(f"{100 * error_rate(heard, kind):.1f} %" for kind in kinds)
        lines.append(f"| {way} | {rates} | {1000 * mean_cpu_s(heard):.0f} ms |")
    return "\n".join(lines)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Profile, default=Profile.PACKAGED, choices=list(Profile))
    parser.add_argument("--every", type=int, default=1, help="hear every so many recordings only")
    asked = parser.parse_args()
    try:
        files = resolve(AgentSettings(profile=asked.profile), lambda _: None)
        recordings = read_recordings(asked.folder, asked.every)
    except (ModelFilesError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    found = asyncio.run(hear_all(recordings, ways_to_hear(files)))
    sys.stdout.write(f"{table(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
