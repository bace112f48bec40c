"""Flame graphs of captures, drawn by memray's own command into pages that fetch nothing."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 300.0

_VIEWS = {"at the peak": ("peak", ()), "never freed": ("kept", ("--leaks",))}


@dataclass(frozen=True, slots=True)
class FlameGraph:
    """What was drawn of one capture; `problem` says why there is nothing in `path`."""

    view: str
    path: Path
    problem: str | None


def draw(capture: Path, folder: Path, role: str) -> Sequence[FlameGraph]:
    """Draw a capture's flame graphs into a folder, 4.6 MB each."""
    graphs = []
    for view, (name, options) in _VIEWS.items():
        path = folder / f"{role}-{name}.html"
        arguments = ("flamegraph", "--no-web", "--force", *options, "--output", str(path), str(capture))
        graphs.append(FlameGraph(view, path, _run(arguments)))
    return graphs


def _run(arguments: Sequence[str]) -> str | None:
    """Run a command of memray; return what went wrong."""
    command = [sys.executable, "-m", "memray", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"memray took longer than {_TIMEOUT_S:.0f} s"
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()[-1:]
    return f"memray ended with exit code {done.returncode}: {said[0] if said else 'it said nothing'}"
