"""An agent that cannot reach what it needs says so and exits with a failure."""

import os
import socket
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

NOBODY_LISTENS = {
    "LIVEKIT_URL": "ws://127.0.0.1:9",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "a-secret-of-at-least-32-characters",
}


def run_agent(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run an agent to its end."""
    return subprocess.run(
        [sys.executable, "-m", "voicegate_agent"],
        env={**os.environ, **NOBODY_LISTENS, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_livekit_out_of_reach_is_a_failure() -> None:
    """The library would exit with 0 after its last attempt."""
    result = run_agent(VOICEGATE_LIVEKIT_RETRIES="1")
    assert result.returncode == 1
    assert "agent: failed to connect to livekit after 1 attempts" in result.stderr


def test_models_that_cannot_be_had_stop_the_start() -> None:
    """Before any call, with the exit code for models."""
    result = run_agent(VOICEGATE_ASR_MODEL="/nonexistent")
    assert result.returncode == 3
    assert "VOICEGATE_ASR_MODEL" in result.stderr


def test_health_port_that_is_taken_is_a_failure() -> None:
    """The message names the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_agent(VOICEGATE_HTTP_PORT=str(port))
    assert result.returncode == 1
    assert str(port) in result.stderr.splitlines()[-1]
