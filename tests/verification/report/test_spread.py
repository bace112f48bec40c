"""Several verdicts side by side: data, page, Markdown and terminal."""

import io
import json
from math import inf
from pathlib import Path

import pytest
from fakes.drawings import seen
from fakes.pages import Reader
from fakes.recordings import MB, change_turn, cut_at, models_per_call
from fakes.recordings import Run as Made
from rich.console import Console
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Recording
from voicegate.report.folder import write_report
from voicegate.report.html import page_of
from voicegate.report.markdown import markdown_of
from voicegate.report.spread import CriterionSpread, RepeatedRun, Spread, make_spread, read_run
from voicegate.report.spread_report import spread_report
from voicegate.report.strip import make_strip
from voicegate.report.terminal import show
from voicegate.report.verdict import make_verdict
from voicegate.testing import write_recording


def run_of(name: str, recording: Recording, problem: str | None = None) -> RepeatedRun:
    """Judge a recording as a run of this name."""
    findings = [criterion(recording, Rules()) for criterion in CRITERIA]
    return RepeatedRun(name, make_verdict(recording, findings), recording.turns, problem)


def good(per_call_bytes: int) -> Recording:
    """Record a healthy agent whose calls cost so much."""
    return Made(per_call_bytes=per_call_bytes).recording()


RUNS = [run_of(f"run-0{n}", good(n * 10 * MB)) for n in (3, 4, 5)]
MIXED = [
    RUNS[0],
    run_of("run-02", Made(lines=models_per_call, per_call_bytes=850 * MB).recording()),
    run_of("run-03", cut_at(good(40 * MB), 60), "interrupted <b>by hand</b>"),
    RepeatedRun("run-04", None, (), "no server"),
]


def criterion_of(spread: Spread, prefix: str) -> CriterionSpread:
    """Find a criterion by the beginning of its id."""
    return next(one for one in spread.criteria if one.id.startswith(prefix))


def test_values_of_a_criterion_are_summarized() -> None:
    """Least, median, most, and how far they are apart relative to the median."""
    c5 = criterion_of(make_spread(RUNS, 3), "C5")
    assert c5.counts == {"pass": 3, "fail": 0, "error": 0, "not_run": 0}
    assert (c5.least, c5.median, c5.most) == pytest.approx((30 * MB, 40 * MB, 50 * MB))
    assert c5.relative_spread == pytest.approx(0.5)
    assert (c5.unit, c5.side, c5.limit) == ("bytes/call", "<", 100 * MB)
    assert c5.observed == pytest.approx((30 * MB, 40 * MB, 50 * MB))


def test_a_median_of_nothing_has_no_relative_spread() -> None:
    """Word errors of 0 in all runs are not infinitely far apart."""
    g2 = criterion_of(make_spread(RUNS, 3), "G2")
    assert (g2.median, g2.relative_spread) == (0.0, None)


def test_the_same_measurement_is_compared_whatever_call_it_was_in() -> None:
    """What stands behind the comma differs from run to run."""
    spread = make_spread(RUNS, 3)
    assert [one.what for one in spread.criteria if one.what and "," in one.what] == []
    assert all(None not in one.observed for one in spread.criteria)


def test_outcomes_are_counted_and_the_worst_is_the_verdict() -> None:
    """A run without a verdict counts as an error; so does one that is missing."""
    spread = make_spread(MIXED, 4)
    assert [run.verdict for run in spread.runs] == ["pass", "fail", "error", "error"]
    assert spread.verdict == "fail"
    c5 = criterion_of(spread, "C5")
    assert c5.statuses == ("pass", "fail", "error", None)
    assert c5.observed[2] == pytest.approx(40 * MB)
    assert c5.observed[3] is None
    assert make_spread(RUNS, 3).verdict == "pass"
    assert make_spread(RUNS, 4).verdict == "error"
    assert make_spread(RUNS, 4).headline() == "ERROR: 3 of 4 runs: 3 PASS"


def test_latencies_are_pooled() -> None:
    """Percentiles are those of all turns, not of the runs' medians."""
    slow = change_turn(good(40 * MB), "call-01", latency_s=9.0)
    spread = make_spread([RUNS[0], run_of("run-02", slow)], 2)
    assert spread.latency is not None
    assert spread.latency.turns == 2 * len(slow.turns)
    assert (spread.latency.median_s, spread.latency.most_s) == (0.5, 9.0)


def test_the_file_has_a_schema_and_comes_back(tmp_path: Path) -> None:
    """Readers check schema and version."""
    spread = make_spread(MIXED, 4)
    write_report(tmp_path, spread_report(spread))
    text = (tmp_path / "spread.json").read_text()
    assert (json.loads(text)["schema"], json.loads(text)["version"]) == ("voicegate.spread", 1)
    assert Spread.model_validate_json(text) == spread


def test_a_run_is_read_back_from_its_folder(tmp_path: Path) -> None:
    """Verdict and turns; a folder without them says which file is missing."""
    folder = tmp_path / "run-01"
    folder.mkdir()
    assert read_run(folder).problem == f"{folder / 'verdict.json'}: No such file or directory"
    assert read_run(folder, "no server").problem == "no server"
    recording = good(40 * MB)
    write_recording(recording, folder / "recording.jsonl")
    run = run_of("run-01", recording)
    assert run.verdict is not None
    (folder / "verdict.json").write_text(run.verdict.to_json())
    assert read_run(folder) == run


@pytest.mark.parametrize("spread", [make_spread(RUNS, 3), make_spread(MIXED, 5), make_spread(MIXED[3:], 1)])
def test_the_page_is_well_formed_and_self_contained(spread: Spread) -> None:
    """Tags close in order, no script, and every link stays in the folder."""
    reader = Reader()
    page = page_of(spread_report(spread))
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.tags
    assert not [link for link in reader.links if "//" in link]
    assert "<b>by hand" not in page


def test_the_page_links_each_run_that_has_a_report() -> None:
    """A run that recorded nothing has none."""
    page = page_of(spread_report(make_spread(MIXED, 4)))
    assert 'href="run-02/report.html"' in page
    assert 'href="run-04/report.html"' not in page


def test_a_strip_shows_each_run_against_the_limit() -> None:
    """A dot per measured run, in the color of its status, with the limit and the median."""
    strip = make_strip(criterion_of(make_spread(RUNS, 3), "C5"), ["a", "b", "c"])
    assert strip is not None
    assert seen(strip).titles == [
        "limit",
        "median",
        "a: 30.0 MB per call",
        "b: 40.0 MB per call",
        "c: 50.0 MB per call",
    ]

    mixed = make_strip(criterion_of(make_spread(MIXED, 4), "C5"), ["a", "b", "c", "d"])
    assert mixed is not None
    assert len(seen(mixed).titles) == 2 + 3
    assert all(f'fill="var(--{status},' in mixed for status in ("pass", "fail", "error"))


def test_a_value_without_end_is_drawn_at_the_end() -> None:
    """Half of the turns of one run were never answered."""
    waits = criterion_of(make_spread(RUNS, 3), "T1").model_copy(update={"observed": (0.5, inf, 0.6)})
    strip = make_strip(waits, ["a", "b", "c"])
    assert strip is not None
    assert "b: ∞ s" in seen(strip).titles


def test_counts_have_no_strip() -> None:
    """One id in every run is not worth an axis."""
    assert make_strip(criterion_of(make_spread(RUNS, 3), "C3"), ["a", "b", "c"]) is None


def test_the_summary_is_one_table_and_what_did_not_pass() -> None:
    """Every row has as many cells as the head."""
    lines = markdown_of(spread_report(make_spread(MIXED, 4))).splitlines()
    rows = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(CRITERIA)
    assert {row.count("|") for row in rows} == {9}
    assert "**run-04 ERROR**: no server" in lines
    assert any(line.startswith("**run-02 FAIL**: C2-later-reuse, ") for line in lines)


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_fits_the_terminal(width: int) -> None:
    """Nothing is wider than the terminal, no value is cut, and the last line is the verdict."""
    screen = io.StringIO()
    show(Console(file=screen, width=width, highlight=False), spread_report(make_spread(RUNS, 3)))
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in screen.getvalue()
    assert "50.0 %" in screen.getvalue()
    assert lines[-1] == "PASS: 3 runs: 3 PASS"
