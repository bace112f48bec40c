"""What calls may take and leave behind, held to by pytest-memray; and the limits themselves, tried on planted leaks."""

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.call_lives import come_and_go, hosting, talk
from voicegate_agent.model_host import shared_instances

TALKING_LIMIT = "3 MB"
"""Twelve calls held 1.1 MB at their peak; kept sound would be 9.2 MB (what callers say) or 4.6 MB (replies)."""

LEAK_LIMIT = "60 KB"
"""The most that one line may leave. Eighty sessions that are kept leave 122 kB in one; caches take up to 22 kB once."""

LEAKY = """
import pytest
from fakes.call_lives import come_and_go, hosting, talk

KEPT = []

@pytest.mark.{limit}
async def test_with_a_leak(tmp_path):
    async with hosting(tmp_path{in_host}) as address:
        await {life}(address, {calls}{in_call})
"""


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with no shared instance, and put back what was there."""
    monkeypatch.setattr(shared_instances, "_SHARED_ASR_MODEL", None)
    monkeypatch.setattr(shared_instances, "_SHARED_TTS_ENGINE", None)


@pytest.mark.limit_memory(TALKING_LIMIT)
async def test_calls_keep_no_sound(tmp_path: Path) -> None:
    """What was said and what was replied is gone when it was used, in the host as in the call."""
    async with hosting(tmp_path) as address:
        await talk(address, 12)


@pytest.mark.slow
@pytest.mark.limit_leaks(LEAK_LIMIT)
async def test_calls_leave_no_session(tmp_path: Path) -> None:
    """Neither LiveKit's session nor the clients and adapters that hang on it outlive their call."""
    async with hosting(tmp_path) as address:
        await come_and_go(address, 80)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "life", "calls", "in_host", "in_call"),
    [
        (f"limit_memory({TALKING_LIMIT!r})", "talk", 12, ", KEPT.append", ""),
        (f"limit_memory({TALKING_LIMIT!r})", "talk", 12, "", ", KEPT.append"),
        (f"limit_leaks({LEAK_LIMIT!r})", "come_and_go", 80, "", ", KEPT.append"),
    ],
    ids=["utterances", "replies", "sessions"],
)
def test_the_limits_catch_a_leak(
    tmp_path: Path, limit: str, life: str, calls: int, in_host: str, in_call: str
) -> None:
    """The same lives, with one thing kept: the test that forbids it fails."""
    (tmp_path / "test_leaky.py").write_text(
        LEAKY.format(limit=limit, life=life, calls=calls, in_host=in_host, in_call=in_call)
    )
    project = Path(__file__).parents[2] / "pyproject.toml"
    command = [sys.executable, "-m", "pytest", "-c", str(project), "-p", "no:cacheprovider", "test_leaky.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "MEMORY PROBLEMS" in done.stdout
