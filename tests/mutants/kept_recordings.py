"""Shrinks the recordings of a proof to what the judges need, and keeps them as test data.

`python -m mutants.kept_recordings reports/out/latest` (with PYTHONPATH=tests) after `nox -s prove`.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from voicegate.record.events import LOAD

FOLDER = Path(__file__).parents[1] / "verification" / "judge" / "failed_runs"
LARGEST_BYTES = 55_000

_TIME = re.compile(r"(?:.*_)?t|.*_s")
_PATH = re.compile(r"(?:/[\w.@+-]+){2,}")
_UNREAD = ("name", "ppid", "uss_bytes", "rss_bytes")  # of processes: judges put them into words at most
_KEPT_LINE = re.compile(r"[Ss]hared (?:ASR|TTS)|emory usage|registered worker")
_LEFT = ("zombies", "temporary", "shared")  # of a sample: names are read into words, too
_AUDIO = ("said_audio", "heard_audio")


def shrink(lines: Iterable[str]) -> Iterator[str]:
    """Drop from a recording's lines what judges do not read, round its times, and take out paths of the machine."""
    for line in lines:
        event = json.loads(line)
        if event["kind"] == "log" and _is_idle(event):
            continue
        yield json.dumps(_shrunk(event), ensure_ascii=False, separators=(",", ":")) + "\n"


def keep(proof: Path, folder: Path = FOLDER) -> None:
    """Keep the recordings of a proof's folder that came out as expected, each under its mutant's name."""
    folder.mkdir(exist_ok=True)
    for mutant in json.loads((proof / "prove.json").read_text(encoding="utf-8"))["mutants"]:
        if mutant["outcome"] != "expected":
            continue
        recording = (proof / mutant["report"]).with_name("recording.jsonl")
        with recording.open(encoding="utf-8") as lines:
            packed = gzip.compress("".join(shrink(lines)).encode(), mtime=0)
        if len(packed) > LARGEST_BYTES:
            raise SystemExit(f"{mutant['name']}: {len(packed)} bytes, more than {LARGEST_BYTES}")
        (folder / f"{mutant['name']}.jsonl.gz").write_bytes(packed)


def _is_idle(event: dict[str, Any]) -> bool:
    """Whether a log line is neither trouble nor about the models or memory."""
    return event["level"] in ("INFO", "DEBUG") and not _KEPT_LINE.search(event["message"])


def _shrunk(event: dict[str, Any]) -> dict[str, Any]:
    match event["kind"]:
        case "header":
            event["environment"] = {
                key: value for key, value in event["environment"].items() if value == LOAD
            }
            event["agent_command"] = ["python", *event["agent_command"][1:]]
        case "memory":
            event["processes"] = [_process(one) for one in event["processes"]]
            for what in _LEFT:
                event[what] = event[what] and event[what] | {"names": []}
        case "log":
            event["message"] = _PATH.sub("/...", event["message"])
        case "act":
            event["agent_command"] = ["python", *event["agent_command"][1:]]
        case "source" | "disk":
            event["path"] = Path(event["path"]).name
        case "turn" | "page-call":
            event |= dict.fromkeys(_AUDIO)
    return {key: _rounded(key, value) for key, value in event.items()}


def _process(process: dict[str, Any]) -> dict[str, Any]:
    return process | {key: "" if key == "name" else 0 for key in _UNREAD}


def _rounded(key: str, value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) and _TIME.fullmatch(key) else value


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
