"""`voicegate compare` and `voicegate trend` on the command line."""

import json
from pathlib import Path

import pytest
from our_agent import AGENT_GATE
from sample_report import RECORDING, SAMPLE
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode
from voicegate.history.entries import entry_of
from voicegate.history.history_file import append_entry
from voicegate.report.verdict import read_verdict


def test_a_report_is_compared_with_its_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The recording is judged first, by the gate file that is given; the result is written where that is asked for."""
    sides, gate = (str(SAMPLE), str(RECORDING)), ("--gate", str(AGENT_GATE))
    assert run(["compare", *sides, *gate, "--out", str(tmp_path / "out")]) is ExitCode.PASS
    said = capsys.readouterr().out
    assert "0 criteria came out otherwise, 0 of" in said
    assert "WITHIN NOISE" in said
    made = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert made["schema"] == "voicegate.comparison"
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_trend_is_written_beside_the_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Too few runs are told."""
    append_entry(tmp_path / "history.jsonl", entry_of(read_verdict(SAMPLE)))
    assert run(["trend", str(tmp_path / "history.jsonl")]) is ExitCode.PASS
    assert "Too few runs to tell: 1" in capsys.readouterr().out
    assert json.loads((tmp_path / "trend" / "trend.json").read_text())["schema"] == "voicegate.trend"


@pytest.mark.parametrize(
    "arguments",
    [("trend", "none.jsonl"), ("compare", "none", "none"), ("judge", str(RECORDING), "--baseline", "none")],
)
def test_what_is_not_there_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    """Whatever is asked of it."""
    try:
        code = int(run(arguments))
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == ExitCode.USAGE
