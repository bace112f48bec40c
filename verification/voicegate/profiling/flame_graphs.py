"""Flame graphs of captures, drawn by memray's own command into pages that fetch nothing."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 300.0

_VIEWS = {"at the peak": ("peak", ()), "never freed": ("kept", ("--leaks",))}


@dataclass(frozen=True, slots=True)
class FlameGraph:
    """What was drawn of one capture; `problem` says why there is nothing in `path`."""

    role: str
    view: str
    path: Path
    problem: str | None


def draw(captures: Mapping[str, Path], folder: Path) -> Sequence[FlameGraph]:
    """Draw the flame graphs of each role's capture into a folder, 4.6 MB each, as many at once as there are processors."""
    wanted = [(role, view) for role in captures for view in _VIEWS]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(lambda one: _draw(captures[one[0]], folder, *one), wanted))


def _draw(capture: Path, folder: Path, role: str, view: str) -> FlameGraph:
    name, options = _VIEWS[view]
    path = folder / f"{role}-{name}.html"
    arguments = ("flamegraph", "--no-web", "--force", *options, "--output", str(path), str(capture))
    return FlameGraph(role, view, path, _run(arguments))


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
