"""Programs that need Locust, without its import for each."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

RunProgram = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunProgram]:
    """Give a function that runs what would follow `python`, in a fork of a process that has imported Locust; `environment` is added to a clean one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVEKIT_")}
    clean["PYTHONPATH"] = os.pathsep.join((str(TESTS), str(TESTS.parent)))
    with subprocess.Popen(
        [sys.executable, str(TESTS / "loadtests" / "forks.py")],
        env=clean,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as forks:

        def run(
            *arguments: str, environment: dict[str, str] | None = None
        ) -> subprocess.CompletedProcess[str]:
            assert forks.stdin is not None
            assert forks.stdout is not None
            folder = tmp_path_factory.mktemp("program")
            print(
                json.dumps([arguments, clean | (environment or {}), str(folder)]),
                file=forks.stdin,
                flush=True,
            )
            code = int(forks.stdout.readline())
            said = [(folder / name).read_text(encoding="utf-8") for name in ("out", "err")]
            return subprocess.CompletedProcess(arguments, code, *said)

        yield run
        forks.communicate()
