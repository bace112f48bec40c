"""The report in `reports/sample/`, made from a kept recording: `nox -s sample` makes it again.

The same recording gives the same files on every machine: what only says when and where they were made is taken out.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

from our_agent import AGENT_GATE
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "reports" / "sample"
RECORDING = ROOT / "tests" / "verification" / "judge" / "failed_runs" / "healthy-cycles.jsonl.gz"
FILES = ("report.html", "verdict.json", "summary.md", "junit.xml")
_MADE_HERE_AND_NOW = (
    (re.compile(r' timestamp="[^"]*"'), ""),
    (re.compile(r' time="[^"]*"'), ' time="0"'),
)


def make_sample(folder: Path) -> None:
    """Judge the recording by our gate file and write the report into this folder, as if it had been made in `reports/sample/`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        code = run(["judge", str(RECORDING), "--gate", str(AGENT_GATE), "--out", out])
        if code is not ExitCode.PASS:
            raise RuntimeError(f"{RECORDING.name}: exit code {code}; expected a recording that passes")
        made = (Path(out) / "latest").resolve()
        for name in FILES:
            (folder / name).write_text(as_in_sample((made / name).read_text("utf-8"), name, made), "utf-8")


def as_in_sample(text: str, name: str, made_in: Path) -> str:
    """Let links lead from `reports/sample/`; of the JUnit file, take out times."""
    there, here = (Path(os.path.relpath(RECORDING, folder)).as_posix() for folder in (made_in, SAMPLE))
    text = text.replace(there, here)
    if name == "junit.xml":
        for pattern, instead in _MADE_HERE_AND_NOW:
            text = pattern.sub(instead, text)
    return text.rstrip("\n") + "\n"


if __name__ == "__main__":
    shutil.rmtree(SAMPLE, ignore_errors=True)
    make_sample(SAMPLE)
