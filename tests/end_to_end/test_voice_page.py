"""The voice page of this project passes G5."""

import pytest
from end_to_end.gate_runs import RunGate
from voicegate.drive.page.program import find_browser

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
]


def test_five_calls_from_the_page_pass(run_gate: RunGate) -> None:
    """One tab, the same again and three at once, each with a picture; neither browser nor page is left running."""
    run = run_gate("verify", "--profile", "micro", "--scenario", "page")
    assert run.exit_code == 0, run.terminal
    assert "G5" in run.with_status("pass")
    assert len(list((run.out / "latest" / "page").glob("*.webp"))) == 5
