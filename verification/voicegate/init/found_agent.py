"""The agent in a folder, found by looking: its entry file, its interpreter, and what its source says about it."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from voicegate.init.source_facts import SourceFacts, read_source

MOST_FILES, DEEPEST = 2000, 5
_SKIPPED = ("node_modules", "site-packages", "__pycache__", "build", "dist")
_ASIDE = ("test", "example", "demo", "sample", "docs", "script")
_USUAL_NAMES = ("agent.py", "main.py", "app.py", "__main__.py", "worker.py", "bot.py", "server.py")
_WEIGHTS = (".bin", ".safetensors", ".onnx", ".gguf", ".pt")
_LEAST_WEIGHTS_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file of the agent's, relative to its folder, and what it says."""

    path: Path
    facts: SourceFacts


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The words that start a Python file, and how they were found."""

    words: tuple[str, ...]
    found: str


@dataclass(frozen=True, slots=True)
class FoundAgent:
    """What a folder shows: `entries` are the files that start an agent, the likeliest first, `others` the rest."""

    folder: Path
    entries: tuple[SourceFile, ...]
    others: tuple[SourceFile, ...]
    interpreter: Interpreter

    def command(self, entry: SourceFile) -> tuple[str, ...]:
        """Return what starts an entry file: itself, or LiveKit's own command line where it only makes a server."""
        path = entry.path.as_posix()
        if entry.facts.runs:
            return (*self.interpreter.words, path, "start")
        return (*self.interpreter.words, "-m", "livekit.agents", "start", path)

    def sources(self, entry: SourceFile | None) -> tuple[SourceFile, ...]:
        """Return an agent's own files: its entry and those that start nothing; tests and examples are left out."""
        mine = tuple(file for file in self.others if not _is_aside(file.path))
        return mine if entry is None else (entry, *mine)


def look(folder: Path, environ: Mapping[str, str], own_prefix: Path = Path(sys.prefix)) -> FoundAgent:
    """Look for an agent in a folder; `own_prefix` is the environment that the gate itself runs in."""
    folder = folder.resolve()
    files = tuple(_read(folder, path) for path in _python_files(folder))
    return FoundAgent(
        folder=folder,
        entries=tuple(sorted(filter(_can_be_started, files), key=_unlikeliness)),
        others=tuple(file for file in files if not _can_be_started(file)),
        interpreter=find_interpreter(folder, environ, own_prefix),
    )


def find_weights(folder: Path, sources: Iterable[SourceFile]) -> tuple[Path, ...]:
    """List the files of weights in the folder that the source names: each itself, or the folder that holds it."""
    named = {text for file in sources for text in file.facts.strings if _may_be_a_path(text)}
    return tuple(sorted({path for text in named for path in _weights_at(folder, Path(text))}))


def find_interpreter(folder: Path, environ: Mapping[str, str], own_prefix: Path) -> Interpreter:
    """Choose the agent's own environment: in its folder, else the active one, else uv's, else the gate's."""
    for name in (".venv", "venv"):
        if (folder / name / "bin" / "python").exists():
            return Interpreter((f"{name}/bin/python",), f"the environment {name} in this folder")
    active = environ.get("VIRTUAL_ENV", "")
    if active and Path(active).resolve() != own_prefix.resolve():
        python = Path(active) / "bin" / "python"
        if python.exists():
            return Interpreter((str(python),), "the active environment, VIRTUAL_ENV")
    if (folder / "uv.lock").is_file():
        return Interpreter(("uv", "run", "python"), "uv, because there is a uv.lock")
    return Interpreter(("{python}",), "no environment in this folder: the interpreter that runs the gate")


def _python_files(folder: Path) -> Iterator[Path]:
    """Walk over the folder's own Python files, in order; environments, hidden folders and build outputs are left out."""
    number = 0
    for current, folders, names in os.walk(folder):
        here = Path(current)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if depth < DEEPEST and _is_looked_into(here / name))
        for name in sorted(names):
            if name.endswith(".py"):
                yield here / name
                number += 1
                if number == MOST_FILES:
                    return


def _is_looked_into(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in _SKIPPED
    return not hidden and not (folder / "pyvenv.cfg").exists()


def _read(folder: Path, path: Path) -> SourceFile:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return SourceFile(path.relative_to(folder), read_source(text))


def _can_be_started(file: SourceFile) -> bool:
    return file.facts.livekit and (file.facts.runs or file.facts.makes_server)


def _is_aside(path: Path) -> bool:
    return any(part.lower().startswith(_ASIDE) for part in path.parts)


def _unlikeliness(file: SourceFile) -> tuple[bool, bool, int, int, str]:
    depth = len([part for part in file.path.parent.parts if part != "src"])
    name = file.path.name
    usual = _USUAL_NAMES.index(name) if name in _USUAL_NAMES else len(_USUAL_NAMES)
    return not file.facts.runs, _is_aside(file.path), depth, usual, file.path.as_posix()


def _may_be_a_path(text: str) -> bool:
    parts = Path(text).parts
    return (
        0 < len(text) < 200 and text.isprintable() and bool(parts) and parts[0] != "/" and ".." not in parts
    )


def _weights_at(folder: Path, path: Path) -> Iterator[Path]:
    try:
        inside = [path / one.name for one in (folder / path).iterdir()]
    except OSError:
        inside = [path]
    return (one for one in inside if _is_weights(folder / one))


def _is_weights(path: Path) -> bool:
    return path.suffix in _WEIGHTS and path.is_file() and path.stat().st_size >= _LEAST_WEIGHTS_BYTES
