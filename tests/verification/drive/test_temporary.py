"""Temporary folders."""

import tempfile
from pathlib import Path

import pytest
from voicegate.drive.temporary import folder_for_sockets, temporary_folder
from voicegate.settings import GateSettings


def settings(**env: str) -> GateSettings:
    """Make settings for an agent with this environment."""
    return GateSettings.model_validate(
        {"path": "gate.toml", "agent": {"command": ["agent"], "env": env}, "environment": {}}
    )


def test_an_agent_has_a_folder_of_its_own_for_as_long_as_it_runs() -> None:
    """What it left there goes with it."""
    with temporary_folder(settings(OTHER="x")) as folder:
        assert folder is not None
        (folder / "left").touch()
    assert not folder.exists()


def test_none_for_an_agent_that_has_one() -> None:
    """Whose files lie in a folder that a gate file names, nobody knows."""
    with temporary_folder(settings(TMPDIR="/tmp")) as folder:
        assert folder is None


def test_a_folder_whose_path_is_too_long_for_sockets_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent has sockets there, too."""
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert folder_for_sockets() == "/tmp"
    with temporary_folder(settings()) as folder:
        assert folder is not None
        assert folder.parent == Path("/tmp")
