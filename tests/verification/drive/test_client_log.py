"""What LiveKit's client says in the gate's process."""

import logging
from pathlib import Path

import pytest
from voicegate.drive.client_log import CLIENT_LOG, client_log


def test_it_is_kept_and_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In the run's folder; nothing of it reaches the root logger, until the run is over."""
    caplog.set_level(
        logging.WARNING, "livekit"
    )  # the agent's own logging is quieter, in tests of the same process
    logger = logging.getLogger("livekit.rtc")
    with client_log(tmp_path):
        logger.warning("unknown FFI handle")
    assert "WARNING livekit.rtc: unknown FFI handle" in (tmp_path / CLIENT_LOG).read_text()
    assert caplog.records == []
    logging.getLogger("livekit").warning("after the run")
    assert [record.message for record in caplog.records] == ["after the run"]


def test_a_silent_client_leaves_no_file(tmp_path: Path) -> None:
    """Most runs have nothing to keep."""
    with client_log(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
