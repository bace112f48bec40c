"""What the report of a run shows: its criteria with their evidence, memory over time, every call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from voicegate.judge.registry import Rules, all_criteria
from voicegate.measure.spoken_words import words
from voicegate.measure.wait_parts import median_parts, wait_parts
from voicegate.quantity import (
    format_amount,
    format_bytes,
    format_quantity,
    format_signed,
    if_known,
    number_of,
    written_time,
)
from voicegate.record.events import EARS, Recording
from voicegate.report.charts import make_charts
from voicegate.report.contents import Cell, Column, Fact, Note, On, Report, Table
from voicegate.report.html import shortened
from voicegate.report.listen import MOST_TURNS, listen
from voicegate.report.load_charts import make_load_charts
from voicegate.report.page_visits import page_visits
from voicegate.report.step_tables import step_tables
from voicegate.report.timeline import Timeline, make_timeline
from voicegate.report.verdict import STATUS_NAMES, VERDICT, CriterionResult, StatusName, Verdict


def _measured(one: CriterionResult) -> str:
    """Say what the values are; the reasons of what did not pass stand below the table of text."""
    measured = f"{one.what} ({one.metric})" if one.what else ""
    return measured if measured and one.status in ("fail", "error") else one.reason or measured


_CRITERIA: tuple[Column[CriterionResult], ...] = (
    Column("criterion", lambda one: Cell(one.id, small=one.title), "name"),
    Column("status", lambda one: Cell(STATUS_NAMES[one.status], one.status), "outcome"),
    Column("observed", lambda one: if_known(format_quantity, one.observed, one.unit), "number"),
    Column(
        "limit",
        lambda one: f"{one.side or ''} {if_known(format_amount, one.limit, one.unit)}".strip(),
        "number",
    ),
    Column("margin", lambda one: if_known(format_signed, one.margin or None, one.unit), "number"),
    Column("measured", _measured, on=On.WIDE),
)
"""The page has a table of its own, with gauges and evidence."""
_ENVIRONMENT: tuple[Column[tuple[str, str]], ...] = (
    Column("what", lambda one: one[0]),
    Column("value", lambda one: one[1]),
)


def verdict_report(
    verdict: Verdict, recording: Recording, rules: Rules, folder: Path | None = None
) -> Report:
    """Put together what is shown of a verdict. `folder` is where the sound of the recording is; without it the page has none."""
    detail = f" ({verdict.detail})" if verdict.detail else ""
    steps = step_tables(recording, rules)
    locust = ("locust.html", "locust.log") if recording.header.of_load else ()
    return Report(
        document=verdict,
        file=VERDICT,
        outcome=verdict.verdict,
        headline=verdict.headline(),
        about=(
            f"{number_of(verdict.calls, 'call')} with {number_of(verdict.turns, 'turn')} in {verdict.duration_s:.0f} s, run {verdict.outcome}{detail}."
            f" Started {written_time(verdict.started_at)}. Models: {verdict.profile}. Calls run in: {verdict.isolation}."
        ),
        tables=(
            Table("Criteria", _CRITERIA, verdict.criteria, on=On.TEXT),
            *(replace(table, on=table.on & ~On.PAGE) for table in steps.values()),  # there with their calls
            Table("Environment", _ENVIRONMENT, list(_environment(verdict)), on=On.PAGE),
        ),
        notes=(
            *(_note(one) for one in verdict.criteria if _is_noted(one)),
            *(
                Note(f"{one.criterion} WORSE", one.sentence(), "fail" if one.fails else "error")
                for one in verdict.regressions
            ),
        ),
        remarks=tuple(_remarks(verdict, recording)),
        facts=tuple(_facts(verdict)),
        template="report.html",
        drawn=lambda: (
            _drawn(verdict, recording, rules)
            | {
                "listening": listen(recording, rules, steps, folder),
                "visits": page_visits(recording, folder),
            }
        ),
        beside=(*locust, "junit.xml", verdict.recording),
        footnote=f"Judge the recording again: voicegate judge {verdict.recording}",
    )


_ENVIRONMENT_NAMES: Mapping[str, str] = {
    "agent_command": "agent",
    "cpu_count": "processors",
    "memory_bytes": "memory",
    EARS: "the replies were heard by",
}
_NOT_FOR_PEOPLE = ("began_unix_s",)


def _environment(verdict: Verdict) -> Iterable[tuple[str, str]]:
    known = {"agent_command": " ".join(verdict.agent_command), **verdict.environment}
    for key, value in known.items():
        if isinstance(value, dict):
            yield from ((name, str(version)) for name, version in value.items())
        elif key not in _NOT_FOR_PEOPLE:
            shown = format_bytes(value) if key == "memory_bytes" and isinstance(value, int) else str(value)
            yield _ENVIRONMENT_NAMES.get(key, key.replace("_", " ")), shown


def _is_noted(one: CriterionResult) -> bool:
    """Whether it is explained below the tables: what was not run says only on the page how it would be."""
    return one.status in ("fail", "error") or (one.status == "pass" and bool(one.advice))


def _note(one: CriterionResult) -> Note:
    profile = (f"Which lines hold the memory: {one.profile}",) if one.profile else ()
    title = f"{one.id} {STATUS_NAMES[one.status]}"
    return Note(title, one.reason, one.status, (*profile, *one.evidence), one.advice)


def _remarks(verdict: Verdict, recording: Recording) -> Iterable[str]:
    if EARS in verdict.environment and any(turn.heard_text is not None for turn in recording.turns):
        yield f"The replies were heard by {verdict.environment[EARS]}."
    if verdict.latency:
        yield verdict.latency.sentence()
    if parts := median_parts(recording.turns):
        spent = ", ".join(f"{part.name} {format_quantity(part.seconds, 's')}" for part in parts)
        yield f"What the wait was spent on, as the agent reports it, medians: {spent}."
    if verdict.detail:
        yield f"The run was {verdict.outcome}: {verdict.detail}"


def _drawn(verdict: Verdict, recording: Recording, rules: Rules) -> dict[str, Any]:
    """Make what only the page has."""
    return {
        "names": STATUS_NAMES,
        "advice_names": _ADVICE_NAMES,
        "gauge": gauge,
        "criteria": _by_urgency(verdict.criteria),
        "questions": {one.id: one.question for one in all_criteria()},
        "marked": mark_differences,
        "wait_parts": wait_parts,
        "most_turns": MOST_TURNS,
        "timeline": make_timeline(recording, rules),
        "variants": list(_variants(recording, rules)),
        "charts": (make_load_charts if recording.header.of_load else make_charts)(recording, rules),
        "audio_base": "".join(verdict.recording.rpartition("/")[:2]),
    }


_ADVICE_NAMES: Mapping[StatusName, str] = {
    "fail": "What to do",
    "error": "What to do",
    "pass": "Warning, what to do",
    "not_run": "To have it run",
}
_URGENCY = ("fail", "error")


def _by_urgency(criteria: Iterable[CriterionResult]) -> list[CriterionResult]:
    """Put first what somebody has to look at."""
    return sorted(criteria, key=lambda one: (*_URGENCY, one.status).index(one.status))


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value, its interval if it has one, the limit, and what fails, as places on a bar in percent; `said` is the same in words."""

    value: float
    low: float | None
    high: float | None
    limit: float
    fails_from: float
    fails_to: float
    said: str


_LIMIT_AT = 80.0  # percent of the bar, so that there is room for what is beyond


def gauge(one: CriterionResult) -> Gauge | None:
    """Place what decided a criterion on a bar that begins at zero; None where that says nothing."""
    if one.observed is None or one.limit is None or one.unit is None or one.side == "=" or one.limit <= 0:
        return None
    deciding = next(
        found for found in one.measurements if found.observed == one.observed and found.what == one.what
    )
    low, high = deciding.low, deciding.high
    said = f"{format_quantity(one.observed, one.unit)}, limit {one.side} {format_amount(one.limit, one.unit)}"
    fails = (0.0, _LIMIT_AT) if one.side == "≥" else (_LIMIT_AT, 100.0)
    if low is None or high is None:
        return Gauge(_place(one.observed, one.limit), None, None, _LIMIT_AT, *fails, said)
    said += f", between {format_amount(low, one.unit)} and {format_amount(high, one.unit)}"
    low, high = _place(low, one.limit), _place(high, one.limit)
    return Gauge(_place(one.observed, one.limit), low, high, _LIMIT_AT, *fails, said)


def _place(value: float, limit: float) -> float:
    return round(min(100.0, max(0.0, _LIMIT_AT * value / limit)), 1)


def mark_differences(text: str | None, reference: str | None, language: str = "en") -> Markup:
    """Write a text with the words marked that are not those of the reference; both are compared as spoken."""
    text, reference = text and shortened(text), reference and shortened(reference)
    if text is None or not (text or reference):
        return Markup('<em class="none">nothing</em>')
    if words(text, language) == words(reference, language):
        return escape(text)
    shown, wanted = text.split(), reference.split() if reference else []
    matcher = SequenceMatcher(
        a=[words(one, language) for one in wanted], b=[words(one, language) for one in shown], autojunk=False
    )
    parts: list[Markup] = []
    for kind, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        part = escape(" ".join(shown[from_b:to_b]))
        if kind == "equal":
            parts.append(part)
            continue
        missing = escape(" ".join(wanted[from_a:to_a]))
        parts.append(Markup("<del>{}</del>").format(missing) if missing else Markup())
        parts.append(Markup("<mark>{}</mark>").format(part) if part else Markup())
    return Markup(" ").join(part for part in parts if part)


def _facts(verdict: Verdict) -> Iterable[Fact]:
    if verdict.weights_bytes is not None:
        yield Fact("the models weigh", format_bytes(verdict.weights_bytes), "in memory")
    figures = {criterion.id: criterion.figure for criterion in all_criteria()}
    for one in verdict.criteria:
        figure = figures.get(one.id)
        if figure is not None and one.measurements:
            measured = one.measurements[-1 if figure.last else 0]
            yield Fact(figure.name, format_amount(measured.observed, measured.unit), figure.note)
    if verdict.latency:
        yield Fact(
            "reply after", f"{verdict.latency.median_s:.2f} s", f"95 % within {verdict.latency.p95_s:.2f} s"
        )


def _variants(recording: Recording, rules: Rules) -> Iterable[tuple[str, str, str, Timeline | None]]:
    """Tell of each variant its name, how its agent differed, whether it broke off, and its timeline, if anything was weighed."""
    for name, part in recording.variants.items():
        variant, end = part.variant, part.end
        changes = "" if variant is None else " ".join(f"{key}={value}" for key, value in variant.env.items())
        if variant is not None and variant.agent_command != recording.header.agent_command:
            changes = f"{changes} {' '.join(variant.agent_command)}".strip()
        ended = "cut off" if end is None else end.outcome
        note = (variant.skipped if variant else None) or ("" if ended == "complete" else f"It was {ended}.")
        yield name, changes, note, make_timeline(part, rules)
