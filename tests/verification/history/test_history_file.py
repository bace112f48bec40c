"""The file that runs append their lines to."""

import multiprocessing
from pathlib import Path

import pytest
from voicegate.exit_codes import UsageError
from voicegate.history.entries import Entry, Figure, Setting
from voicegate.history.history_file import HistoryError, append_entry, read_history

SETTING = Setting(profile="micro", isolation="process", scenario="full", cpu_count=2, ears="")


def entry(number: int, value: float = 1.0, **changes: object) -> Entry:
    """Make the line of a run."""
    figure = Figure(criterion="T1-response", what="wait", value=value, unit="s", side="≤", limit=5.0)
    made = Entry(
        started_at=f"2026-11-{number:02d}",
        verdict="pass",
        outcome="complete",
        setting=SETTING,
        statuses={"T1-response": "pass"},
        figures=(figure,),
    )
    return made.model_copy(update=changes)


def _append_many(path: Path, number: int) -> None:
    for _ in range(20):
        append_entry(path, entry(number))


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    """In its order; the folder and the file are made where they are missing."""
    path = tmp_path / "out" / "history.jsonl"
    assert read_history(path).entries == ()
    for number in (1, 2):
        append_entry(path, entry(number))
    assert read_history(path).entries == (entry(1), entry(2))


def test_processes_that_end_at_once_do_not_mix(tmp_path: Path) -> None:
    """Every line of theirs is whole."""
    path = tmp_path / "history.jsonl"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_append_many, args=(path, number)) for number in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    history = read_history(path)
    assert history.problems == ()
    assert sorted(one.started_at for one in history.entries) == ["2026-11-01"] * 20 + ["2026-11-02"] * 20


@pytest.mark.parametrize(
    "broken", [b'{"schema": "voicegate.his', b"\xff\xfe", b"<<<<<<< HEAD\n", b'{"version": 9}', b"[]\n"]
)
def test_a_broken_line_is_told_and_skipped_and_stays(tmp_path: Path, broken: bytes) -> None:
    """What is appended behind half a line begins on its own, so nothing else is lost."""
    path = tmp_path / "history.jsonl"
    append_entry(path, entry(1))
    with path.open("ab") as file:
        file.write(broken)
    append_entry(path, entry(2))
    history = read_history(path)
    assert history.entries == (entry(1), entry(2))
    (problem,) = history.problems
    assert problem.startswith("history.jsonl:2: skipped, no line of a history: ")
    assert broken.strip() in path.read_bytes()


def test_only_runs_like_it_are_compared() -> None:
    """Another machine or other models have other figures, and a run that broke off has others too."""
    other = SETTING.model_copy(update={"cpu_count": 8})
    lines = (entry(1), entry(2, setting=other), entry(3, outcome="interrupted"), entry(4), entry(5))
    history = read_history(Path("none")).__class__(Path("none"), lines)
    assert [one.started_at for one in history.like(entry(9), 2)] == ["2026-11-04", "2026-11-05"]


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    """To be read or to be written."""
    with pytest.raises(UsageError, match="cannot read the history"):
        read_history(tmp_path)
    with pytest.raises(HistoryError, match="cannot write the history"):
        append_entry(tmp_path, entry(1))
