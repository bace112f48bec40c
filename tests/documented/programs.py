"""Has each documented command read by the parser of the program itself, so that an option that is renamed makes a test fail.

A program is started as far as its parser and stopped there; Locust runs as `locust … --list`, which lists its users and ends.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
import os
import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from documented.pages import ROOT
from documented.parsers import (
    WrongCommandError,
    check_requirement,
    complaints,
    main_of,
    nox_commands,
    parsed,
    pytest_parser,
)
from documented.shell import Command
from packaging.requirements import Requirement
from voicegate.command_line import make_parser
from voicegate_agent.host_settings import Profile
from voicegate_agent.settings import settings_table
from with_locust import RunProgram

READERS_OWN = {
    "gate.toml": "what `voicegate init` writes",
    "gate": "the environment that Getting started makes",
    "my-agent.toml": "another gate file",
    "my-calls.toml": "a scenario file",
    "my-mutants.toml": "a file of mutants",
    "requirements.txt": "what an agent needs",
    "recording.jsonl": "a run's recording",
    "test_gate_file.py": "a test in a suite",
    "/agent/gate.toml": "the gate file in the reader's container",
    "/agent/requirements.txt": "what the agent in it needs",
}
"""Files that a page may name without showing them."""

LEFT_BY_RUNS = ("reports/out", "history.jsonl", "out.html")
"""Where commands write."""

VARIABLES = {
    *(name for name, _, _ in settings_table()),
    *("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "PYTHONPATH"),
}
"""Variables that a program of this project reads."""


@dataclass(slots=True)
class Reader:
    """Somebody who follows one page; knows the files that it shows, and what earlier commands of it made."""

    run_locust: RunProgram
    files: set[str] = field(default_factory=set)
    environments: set[str] = field(default_factory=set)
    images: set[str] = field(default_factory=set)

    def check(self, command: Command) -> None:
        """See that the program takes the command. Raises WrongCommandError."""
        for name in command.variables:
            if name not in VARIABLES:
                raise WrongCommandError(f"no program of this project reads the variable {name}")
        if not command.words:
            return
        program, *words = command.words
        if program == ".":
            self._is_there(words[0].removesuffix("/bin/activate"))
            return
        folder, made, name = program.rpartition("/bin/")
        if made:
            self._is_made(folder)
        if name not in _CHECKS:
            raise WrongCommandError(f"{name}: nothing here knows how to check this program; see {__name__}")
        with mock.patch.dict(
            os.environ
        ):  # some programs set variables for their libraries when they are imported
            _CHECKS[name](self, words)

    def _is_made(self, environment: str) -> None:
        if environment not in self.environments:
            raise WrongCommandError(f"{environment}: no command before this one makes that environment")

    def _is_there(self, path: str) -> None:
        """See that a file is in the repository, shown by the page, or one that every reader has."""
        own = path in READERS_OWN or path.isupper() or path in self.files | self.environments
        if not (own or path.startswith(LEFT_BY_RUNS) or (ROOT / path).exists()):
            raise WrongCommandError(f"{path}: no such file; a page shows it, or READERS_OWN says whose it is")

    def _gate(self, words: Sequence[str]) -> None:
        words = ["2" if word == "N" else word for word in words]
        with complaints():
            options, rest = make_parser().parse_known_args(words)
        if options.command == "load":
            self._locust(["-f", "loadtests", "--headless", *rest])
        elif rest:
            raise WrongCommandError(f"voicegate {options.command} does not know {' '.join(rest)}")
        self._has_files(options)
        if (profile := getattr(options, "profile", None)) is not None:
            Profile(profile)

    def _has_files(self, options: argparse.Namespace) -> None:
        for value in vars(options).values():
            if isinstance(value, Path) and value != Path():
                self._is_there(str(value))

    def _agent(self, words: Sequence[str]) -> None:
        self._has_files(parsed(main_of("voicegate_agent"), "voicegate-agent", words))

    def _locust(self, words: Sequence[str]) -> None:
        server = {name: "ws://127.0.0.1:9" for name in VARIABLES if name.startswith("LIVEKIT")}
        done = self.run_locust("-m", "locust", *words, "--list", environment=server)
        if done.returncode:
            raise WrongCommandError(f"locust: {done.stderr.strip()}")

    def _python(self, words: Sequence[str]) -> None:
        match words:
            case ["-m", "venv", folder]:
                self.environments.add(folder)
            case ["-m", "pydoc", name]:
                importlib.import_module(name)
            case ["-m", ("livekit.agents" | "mutants.kept_recordings"), *rest]:  # they have no options
                for path in (word for word in rest if "/" in word):
                    self._is_there(path)
            case ["-m", module]:
                assert importlib.util.find_spec(module)
            case ["-m", module, *rest]:
                self._has_files(parsed(main_of(module), module, rest))
            case [path]:
                self._is_there(path)
            case [path, *rest]:
                main = partial(runpy.run_path, str(ROOT / path), run_name="__main__")
                self._has_files(parsed(main, path, rest))

    def _pip(self, words: Sequence[str]) -> None:
        match words:
            case ["install", "-r", path]:
                self._is_there(path)
            case ["install", *wanted]:
                for one in wanted:
                    check_requirement(Requirement(one))
            case _:
                raise WrongCommandError(f"pip {' '.join(words)}: expected `pip install`")

    def _pytest(self, words: Sequence[str]) -> None:
        with complaints():
            options = pytest_parser().parse(list(words))
        for path in options.file_or_dir:
            self._is_there(path)

    def _nox(self, words: Sequence[str]) -> None:
        end = words.index("--") if "--" in words else len(words)
        match words[:end]:
            case ["-l"]:
                return
            case ["-s", *names] if names:
                for name in names:
                    for command in nox_commands(name, words[end + 1 :]):
                        self.check(command)
            case _:
                raise WrongCommandError(f"nox {' '.join(words)}: expected -l or -s")

    def _docker(self, words: Sequence[str]) -> None:
        parser = argparse.ArgumentParser(allow_abbrev=False)
        match words:
            case ["run"] | ["buildx", "imagetools", "inspect", _]:
                return
            case ["build", *rest]:
                for option in ("-f", "-t"):
                    parser.add_argument(option, required=True)
                parser.add_argument("context")
                with complaints():
                    options = parser.parse_args(rest)
                self._is_there(options.f)
                self.images.add(options.t)
            case ["run", *rest]:
                for flag in ("--init", "--read-only"):
                    parser.add_argument(flag, action="store_true")
                for option in ("--tmpfs", "--volume", "--stop-timeout", "--publish", "--env"):
                    parser.add_argument(option, action="append", default=[])
                parser.add_argument("image", choices=[*self.images, "my-agent-gate"])
                parser.add_argument("arguments", nargs=argparse.REMAINDER)
                with complaints():
                    options = parser.parse_args(rest)
                for variable in options.env:
                    self.check(Command((), (variable.partition("=")[0],)))
                if options.arguments:
                    self._gate(options.arguments)
            case _:
                raise WrongCommandError(f"docker {' '.join(words)}: not a command that our pages need")


_CHECKS: dict[str, Callable[[Reader, Sequence[str]], None]] = {
    "voicegate": Reader._gate,
    "voicegate-agent": Reader._agent,
    "locust": Reader._locust,
    "python": Reader._python,
    "python3": Reader._python,
    "python3.12": Reader._python,
    "pip": Reader._pip,
    "pytest": Reader._pytest,
    "nox": Reader._nox,
    "docker": Reader._docker,
}

PROGRAMS = frozenset(_CHECKS)
"""Programs whose commands are checked also where they stand in a sentence."""
