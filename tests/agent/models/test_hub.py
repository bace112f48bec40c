"""The hub's clients, as far as they can be tried without a hub."""

import time
from pathlib import Path

import pytest
from huggingface_hub import constants
from voicegate_agent.models.hub import HubError, HuggingFaceHub

NOBODY_LISTENS = "http://127.0.0.1:9"


def test_unreachable_hub_is_given_up_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own retries of half a minute are not entered."""
    monkeypatch.setattr(constants, "ENDPOINT", NOBODY_LISTENS)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    started_s = time.monotonic()
    with pytest.raises(HubError, match=f"{NOBODY_LISTENS} cannot be reached: .*refused"):
        HuggingFaceHub(tmp_path).fetch_whisper("a/b", "main")
    assert time.monotonic() - started_s < 5


def test_offline_mode_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked the hub's client to stay offline is not connected by us either."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        HuggingFaceHub(tmp_path).fetch_file("a/b", "main", "c")


def test_snapshot_is_where_the_client_keeps_it(tmp_path: Path) -> None:
    """The layout of the cache is the hub client's own."""
    expected = tmp_path / "models--a--b" / "snapshots" / "0123"
    assert HuggingFaceHub(tmp_path).snapshot("a/b", "0123") == expected
