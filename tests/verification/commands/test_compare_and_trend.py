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
    assert "0 criteria with another result, 0 of" in said
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


def test_the_trend_of_another_scenario_than_the_last_runs(tmp_path: Path) -> None:
    """By its name, with or without what was asked of it; one that no run has is told."""
    file = tmp_path / "history.jsonl"
    soak = entry_of(read_verdict(SAMPLE))
    soak = soak.model_copy(
        update={"setting": soak.setting.model_copy(update={"scenario": "soak 100 cycles"})}
    )
    for entry in (soak, entry_of(read_verdict(SAMPLE))):
        append_entry(file, entry)
    for name in ("soak", "soak 100 cycles"):
        assert run(["trend", str(file), "--scenario", name]) is ExitCode.PASS
        shown = json.loads((tmp_path / "trend" / "trend.json").read_text())
        assert shown["setting"]["scenario"] == "soak 100 cycles"
    assert run(["trend", str(file), "--scenario", "so"]) is ExitCode.USAGE


def test_a_figure_without_a_limit_is_followed(tmp_path: Path) -> None:
    """As the ratios of benchmarks are: less is better, and nothing is drawn for a limit."""
    file = tmp_path / "history.jsonl"
    entry = entry_of(read_verdict(SAMPLE))
    figure = entry.figures[0].model_copy(update={"unit": "fraction", "side": "≤", "limit": None})
    for value in (0.05, 0.051, 0.049, 0.08, 0.081, 0.079):
        ratio = figure.model_copy(update={"value": value})
        append_entry(file, entry.model_copy(update={"figures": (ratio,)}))
    assert run(["trend", str(file)]) is ExitCode.PASS
    (followed,) = json.loads((tmp_path / "trend" / "trend.json").read_text())["figures"]
    assert (followed["course"], followed["limit"]) == ("worse", None)
    assert (
        "limit"
        not in (tmp_path / "trend" / "report.html")
        .read_text()
        .partition('<div class="charts">')[2]
        .partition("</svg>")[0]
    )


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
