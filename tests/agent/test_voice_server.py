"""The agent server as far as it goes without LiveKit; end_to_end/ has the rest."""

import math
import os
import sys
from pathlib import Path

import pytest
import voicegate_agent
from livekit.agents import JobExecutorType
from livekit.agents.cli.discover import get_import_data
from pydantic import SecretStr
from voicegate_agent.settings import AgentSettings, Isolation, SettingsError
from voicegate_agent.voice_server import VoiceServer

SETTINGS = AgentSettings(
    livekit_url="ws://127.0.0.1:9", livekit_api_key="key", livekit_api_secret=SecretStr("secret")
)


@pytest.mark.parametrize(
    ("isolation", "executor"),
    [(Isolation.PROCESS, JobExecutorType.PROCESS), (Isolation.THREAD, JobExecutorType.THREAD)],
)
def test_isolation_decides_what_calls_run_in(isolation: Isolation, executor: JobExecutorType) -> None:
    """The setting reaches LiveKit."""
    server = VoiceServer(SETTINGS.model_copy(update={"isolation": isolation}))
    assert server._job_executor_type is executor


def test_livekit_is_given_no_load_limit() -> None:
    """A finite limit would count every call being accepted as a share of the idle processes, and refuse bursts."""
    assert VoiceServer(SETTINGS)._load_threshold == math.inf


def test_load_is_zero_before_calls_are_counted() -> None:
    """LiveKit may ask for the load while the server still starts."""
    load = VoiceServer(SETTINGS).load_fnc
    assert load is not None
    assert load() == 0.0  # type: ignore[call-arg]


def test_models_that_no_call_uses_are_not_preloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """LiveKit's turn detector would cost every process 150 to 250 MB; who wants it can say so."""
    variable = "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE"
    monkeypatch.setenv(variable, "1")
    VoiceServer(SETTINGS)
    assert os.environ[variable] == "1"
    monkeypatch.delenv(variable)
    VoiceServer(SETTINGS)
    assert os.environ[variable] == "0"


async def test_server_that_never_ran_can_be_stopped() -> None:
    """LiveKit's command line drains and closes whatever happened before."""
    server = VoiceServer(SETTINGS)
    await server.drain()
    await server.aclose()


def test_livekits_command_line_finds_the_server() -> None:
    """`python -m livekit.agents start agent/voicegate_agent/app.py` looks for a server object in that file."""
    found = get_import_data(path=Path(voicegate_agent.__file__).with_name("app.py"))
    assert found.import_string == "voicegate_agent.app:server"


async def test_profile_without_memray_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before anything is started: whoever asked for captures waits for them in vain otherwise."""
    monkeypatch.setitem(sys.modules, "memray", None)
    server = VoiceServer(SETTINGS.model_copy(update={"memray_dir": tmp_path}))
    with pytest.raises(SettingsError, match=r"VOICEGATE_MEMRAY_DIR is .* memray is not installed"):
        await server.run()
    assert list(tmp_path.iterdir()) == []
