"""What changed between two runs, or groups of runs, beyond noise: criteria by their outcomes, figures by how far runs of one kind lie apart."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from pydantic import Field, ValidationError

from voicegate.exit_codes import UsageError
from voicegate.history.entries import Entry, Figure, FigureKey, entry_of, series_of
from voicegate.history.history_file import HISTORY, History, read_history
from voicegate.history.steps import CHANCE, chance_of_difference, levels_of
from voicegate.history.trend import RUNS
from voicegate.quantity import Unit
from voicegate.report.document import Document, Part
from voicegate.report.verdict import VERDICT, StatusName, Verdict, read_verdict

Change = Literal["worse", "better", "within noise", "noise unknown"]


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs on one side of a comparison, and where they are from."""

    path: Path
    entries: tuple[Entry, ...]


class StatusChange(Part):
    """A criterion that came out otherwise; each status once, in the order of the runs."""

    criterion: str
    before: tuple[StatusName, ...]
    after: tuple[StatusName, ...]


class FigureChange(Part):
    """A figure on both sides: means in `unit`, the change as a part of the first (null where that is 0), and the chance of so much by noise."""

    criterion: str
    what: str
    unit: Unit
    side: str
    before: float
    after: float
    relative: float | None
    chance: float | None
    change: Change


class Comparison(Document):
    """The whole of `compare.json`. `noise_runs` are further runs that the noise of the figures was taken from."""

    schema_: Literal["voicegate.comparison"] = Field(default="voicegate.comparison", alias="schema")
    version: Literal[1] = 1
    before: tuple[str, ...]
    after: tuple[str, ...]
    noise_runs: int
    alike: bool
    criteria: tuple[StatusChange, ...]
    figures: tuple[FigureChange, ...]

    def headline(self) -> str:
        """Say in one line what changed."""
        counts = {name: sum(one.change == name for one in self.figures) for name in ("worse", "better")}
        unknown = sum(one.change == "noise unknown" for one in self.figures)
        parts = [
            f"{len(self.criteria)} {'criterion' if len(self.criteria) == 1 else 'criteria'} with another result",
            f"{counts['worse']} of {len(self.figures)} figures worse and {counts['better']} better by more than noise",
            *([f"{unknown} of unknown noise"] if unknown else []),
        ]
        return ", ".join(parts)


def read_runs(path: Path, judge: Callable[[Path], Verdict]) -> Runs:
    """Read what is compared: a report's folder, one of several runs, a history, or a recording, which is judged first. Raises UsageError."""
    if path.is_dir():
        below = (one.parent for one in path.glob(f"*/{VERDICT}"))
        found = [path] if (path / VERDICT).is_file() else sorted(one for one in below if not one.is_symlink())
        return Runs(path, _filled(path, [entry_of(_read(folder)) for folder in found]))
    if not path.is_file():
        raise UsageError(f"{path}: no such report or recording")
    if _is_history(path):
        history = read_history(path)
        last = [one for one in history.entries if one.is_whole][-1:]
        return Runs(path, _filled(path, history.like(last[0], RUNS) if last else ()))
    return Runs(path, (entry_of(judge(path)),))


def _filled(path: Path, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    alike = tuple(one for one in entries if one.setting == entries[-1].setting)
    if not alike:
        raise UsageError(
            f"{path}: expected a report ({VERDICT}), several in one folder, a history or a recording"
        )
    return alike


def _read(folder: Path) -> Verdict:
    try:
        return read_verdict(folder)
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder / VERDICT}: cannot be read as a verdict: {error}") from error


def _is_history(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            first = json.loads(file.readline())
        except ValueError:
            return path.name == HISTORY
    return isinstance(first, dict) and first.get("schema") == "voicegate.history"


def compare(before: Runs, after: Runs, history: History) -> Comparison:
    """Compare two sides; runs of the history that are like the last one of `before` tell of noise."""
    a, b = before.entries, after.entries
    compared = {entry.started_at for entry in (*a, *b)}
    others = tuple(one for one in history.like(a[-1], RUNS) if one.started_at not in compared)
    alike = a[-1].setting == b[-1].setting
    in_order = sorted((*others, *a, *(b if alike else ())), key=lambda one: one.started_at)
    firsts, seconds = series_of(a), series_of(b)
    names = [name for name in firsts if name in seconds]
    chance = CHANCE / max(1, len(names))
    return Comparison(
        before=tuple(one.started_at for one in a),
        after=tuple(one.started_at for one in b),
        noise_runs=len(others),
        alike=alike,
        criteria=tuple(_statuses(a, b)),
        figures=tuple(
            _figure(firsts[name], seconds[name], _noise(in_order, compared, name, chance), chance)
            for name in names
        ),
    )


def _noise(
    entries: Sequence[Entry], compared: Collection[str], key: FigureKey, chance: float
) -> Sequence[Sequence[float]]:
    """Divide the values of the runs that are not compared by level: a step between the two sides is no noise, so levels are those of all runs."""
    found = [(one.started_at, figure) for one in entries for figure in one.figures if figure.key == key]
    values = [figure.value for _, figure in found]
    levels = levels_of(values, chance, found[-1][1].least_change(values))
    groups = (
        [figure.value for began, figure in found[level.begin : level.end] if began not in compared]
        for level in levels
    )
    return [group for group in groups if group]


def _figure(
    a: Sequence[Figure], b: Sequence[Figure], noise: Sequence[Sequence[float]], enough: float
) -> FigureChange:
    befores, afters = ([one.value for one in figures] for figures in (a, b))
    before, after, last = fmean(befores), fmean(afters), a[-1]
    least = last.least_change(befores)
    chance = chance_of_difference(befores, afters, noise, least)
    change: Change = "within noise"
    if chance is None and abs(after - before) >= least:
        change = "noise unknown"
    elif chance is not None and chance < enough and abs(after - before) >= least:
        change = "worse" if last.is_worse(before, after) else "better"
    return FigureChange(
        criterion=last.criterion,
        what=last.what,
        unit=last.unit,
        side=last.side,
        before=before,
        after=after,
        relative=(after - before) / abs(before) if before else None,
        chance=chance,
        change=change,
    )


def _statuses(a: Sequence[Entry], b: Sequence[Entry]) -> Iterable[StatusChange]:
    for id_ in a[-1].statuses | b[-1].statuses:
        before, after = (
            tuple(dict.fromkeys(one.statuses[id_] for one in side if id_ in one.statuses)) for side in (a, b)
        )
        if set(before) != set(after):
            yield StatusChange(criterion=id_, before=before, after=after)
