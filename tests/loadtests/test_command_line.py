"""`locust -f loadtests` as Locust's users call it: what it says when it cannot begin."""

import os
import subprocess
import sys

import pytest
from with_locust import RunProgram

ADDRESS = "ws://127.0.0.1:9"  # nobody serves the discard port
KEYS = {"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "a secret of thirty-two characters"}


LOCUST = ("-m", "locust", "-f", "loadtests", "--headless", "-t", "1s")


def test_its_users_are_found(run_program: RunProgram) -> None:
    """The files whose names begin with an underscore are no Locust files."""
    assert run_program(*LOCUST, "--list").stdout.split() == ["Available", "Users:", "Caller"]


def test_without_a_server_it_says_what_is_missing() -> None:
    """And how to have one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVEKIT_")}
    done = subprocess.run(
        [sys.executable, *LOCUST],
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert (
        "--host (or LIVEKIT_URL), LIVEKIT_API_KEY, LIVEKIT_API_SECRET missing. `nox -s load` starts"
        in done.stderr
    )


def test_a_server_that_does_not_answer_could_not_be_measured(run_program: RunProgram) -> None:
    """The address is named."""
    done = run_program(*LOCUST, "--host", ADDRESS, environment=KEYS)
    assert done.returncode == 3
    assert f"No LiveKit server answers at {ADDRESS}" in done.stderr


def test_the_address_may_come_from_the_environment(run_program: RunProgram) -> None:
    """As for the agent."""
    done = run_program(*LOCUST, environment=KEYS | {"LIVEKIT_URL": ADDRESS})
    assert f"answers at {ADDRESS}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["--shape", "circle"], "invalid choice: 'circle'"),
        (["--gate", "nowhere.toml"], "nowhere.toml"),
        (["--step-time", "0"], "0: expected seconds, more than 0"),
        (["--rest", "-1"], "-1: expected seconds, 0 or more"),
        (["--arrivals", "3/h"], "3/h: expected calls per second or minute, such as 0.5/s or 30/min"),
        (["--arrivals", "0/s"], "0/s: expected calls per second or minute"),
        (["--arrivals", "1/s"], "--arrivals needs -u, the most callers at once"),
        (["--arrivals", "1/s", "-u", "2", "--shape", "steps"], "takes no --shape"),
    ],
)
def test_mistakes_are_usage_errors(run_program: RunProgram, arguments: list[str], complaint: str) -> None:
    """With the option at fault."""
    done = run_program(*LOCUST, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
