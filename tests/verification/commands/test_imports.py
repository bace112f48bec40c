"""What a command imports before it has looked at its options and its gate file: nothing that takes its time."""

import argparse
import importlib
import subprocess
import sys

import pytest
from voicegate.__main__ import COMMANDS
from voicegate.command_line import make_parser

SLOW = (
    "numpy",
    "av",
    "livekit",
    "jinja2",
    "pytest",
    "faster_whisper",
    "aiohttp",
    "locust",
    "memray",
    "rich",
    "jiwer",
    "regex",
    "text_to_num",
    "whisper_normalizer",
    "matplotlib",
)
ALSO_SLOW_FOR_HELP = ("pydantic", "psutil", "asyncio")


def imported_by(program: str, names: tuple[str, ...]) -> set[str]:
    """Run a Python program and tell which of these modules it has imported."""
    ask = f"import atexit, sys; atexit.register(lambda: print('imported', *[n for n in {names!r} if n in sys.modules]))"
    shown = subprocess.run(
        [sys.executable, "-c", f"{ask}\n{program}"], capture_output=True, text=True, check=True
    ).stdout
    return set(shown.splitlines()[-1].split()[1:])


def test_every_command_has_its_module() -> None:
    """The table names those that the command line knows, and each module has its function."""
    (commands,) = [
        action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction)
    ]
    assert set(COMMANDS) == set(commands.choices)
    assert all(callable(importlib.import_module(module).run) for module in COMMANDS.values())


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_comes_at_once(command: str) -> None:
    """It needs argparse and a few texts."""
    program = f"from voicegate.__main__ import run; run({[*command.split(), '--help']!r})"
    assert imported_by(program, SLOW + ALSO_SLOW_FOR_HELP) == set()


@pytest.mark.parametrize("module", COMMANDS.values())
def test_mistakes_are_said_at_once(module: str) -> None:
    """A command reads its gate file before it imports what it runs."""
    assert imported_by(f"import voicegate.__main__, {module}", SLOW) == set()


def test_the_doctor_needs_no_livekit_for_a_server_of_our_own() -> None:
    """Only a server at an address is talked to."""
    assert imported_by("import voicegate.doctor.gather", ("livekit", "aiohttp", "rich", "pytest")) == set()
