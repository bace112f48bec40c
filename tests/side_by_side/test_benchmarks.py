"""The benchmarks themselves can be made: each once, without measuring."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BENCHMARKS = REPOSITORY / "tests" / "benchmarks"


def try_once(*options: str) -> "subprocess.CompletedProcess[str]":
    """Run benchmarks the way `nox -s bench` does, but each way only once."""
    command = [sys.executable, "-m", "pytest", "-c", str(BENCHMARKS / "pytest.toml"), str(BENCHMARKS)]
    return subprocess.run(
        [*command, "--benchmark-disable", *options],
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )


@pytest.mark.slow
def test_everything_but_calls() -> None:
    """What is measured comes out right: transcripts, speech, recordings, findings."""
    done = try_once("-k", "not caller")
    assert done.returncode == 0, done.stdout
    assert "11 passed, 1 deselected" in done.stdout


@pytest.mark.end_to_end
@pytest.mark.slow
def test_calls() -> None:
    """A caller and LiveKit's client alone are both answered."""
    done = try_once("-k", "caller")
    assert done.returncode == 0, done.stdout


def test_an_unknown_profile_is_refused() -> None:
    """The message names those that there are."""
    done = try_once("--profile", "huge")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert all(f"'{name}'" in done.stderr for name in ("micro", "rehearsal", "packaged", "production"))
