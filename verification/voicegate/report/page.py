"""The report as one self-contained page, and as Markdown for a CI job's summary."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from markupsafe import Markup, escape

from voicegate.judge.criterion import NotMeasured
from voicegate.judge.registry import Rules, all_criteria
from voicegate.measure.assessment import assess_call
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.spoken_words import words
from voicegate.measure.stalls import stalls
from voicegate.quantity import format_amount, format_bytes, format_signed
from voicegate.record.events import Recording
from voicegate.report.charts import make_charts
from voicegate.report.load_charts import make_load_charts
from voicegate.report.templating import templates
from voicegate.report.timeline import Timeline, make_timeline
from voicegate.report.verdict import MeasurementResult, Verdict

STATUS_NAMES = {"pass": "PASS", "fail": "FAIL", "error": "ERROR", "not_run": "NOT RUN"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A number worth showing large, with a note in small print."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as the page shows it, with all that is wrong with it."""

    call: Call
    flaws: tuple[str, ...]
    owner: str | None


@dataclass(frozen=True, slots=True)
class ActPart:
    """An act as the page shows it; `timeline` is None when nothing was weighed."""

    name: str
    changes: str
    note: str
    timeline: Timeline | None


def render_page(verdict: Verdict, recording: Recording, rules: Rules) -> str:
    """Write the page: HTML without scripts or links to anything but the audio files beside it."""
    return (
        templates(autoescape=True, filters=_FILTERS)
        .get_template("report.html")
        .render(
            verdict=verdict,
            names=STATUS_NAMES,
            facts=list(_facts(verdict)),
            timeline=make_timeline(recording, rules),
            acts=list(_acts(recording, rules)),
            charts=(make_load_charts if recording.header.of_load else make_charts)(recording, rules),
            calls=list(_call_rows(recording, rules)),
            audio_base=verdict.recording.rpartition("/")[0],
            environment=list(_flatten(verdict.environment)),
        )
    )


def render_summary(verdict: Verdict) -> str:
    """Write the summary: one table of criteria in Markdown, with the reasons of what did not pass."""
    environment = templates(autoescape=False, filters=_FILTERS)
    return environment.get_template("summary.md").render(verdict=verdict, names=STATUS_NAMES)


def gauge(measurement: MeasurementResult) -> float | None:
    """Place the observed value on a bar that ends at the limit, in percent; None where that says nothing."""
    if measurement.side == "=" or measurement.limit <= 0:
        return None
    fraction = (
        measurement.limit / measurement.observed
        if measurement.side == "≥" and measurement.observed > 0
        else measurement.observed / measurement.limit
    )
    return round(100 * min(1.0, max(0.0, fraction)), 1)


def mark_differences(text: str | None, reference: str | None, language: str = "en") -> Markup:
    """Write a text with the words marked that are not those of the reference; both are compared as spoken."""
    if text is None:
        return Markup('<em class="none">nothing</em>')
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
        yield Fact("weights", format_bytes(verdict.weights_bytes), "on disk")
    figures = {criterion.id: criterion.figure for criterion in all_criteria()}
    for one in verdict.criteria:
        figure = figures.get(one.id)
        if figure is not None and one.measurements:
            measured = one.measurements[-1 if figure.last else 0]
            yield Fact(figure.name, format_amount(measured.observed, measured.unit), figure.note)
    if verdict.latency:
        yield Fact("reply after", f"{verdict.latency.median_s:.2f} s", f"p95 {verdict.latency.p95_s:.2f} s")


def _acts(recording: Recording, rules: Rules) -> Iterable[ActPart]:
    for name, part in recording.acts.items():
        act, end = part.act, part.end
        changes = "" if act is None else " ".join(f"{key}={value}" for key, value in act.env.items())
        if act is not None and act.agent_command != recording.header.agent_command:
            changes = f"{changes} {' '.join(act.agent_command)}".strip()
        note = (act.skipped if act else None) or ("cut off" if end is None else end.outcome)
        yield ActPart(name, changes, note, make_timeline(part, rules))


def _call_rows(recording: Recording, rules: Rules) -> Iterable[CallRow]:
    try:
        calls = calls_in_order(recording)
    except NotMeasured:
        return
    held_up = stalls(recording, rules.limits)
    for call in calls:
        assessed = assess_call(call, rules.limits, held_up)
        yield CallRow(call, tuple(flaw.text for flaw in assessed.flaws), assessed.owner)


def _flatten(value: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flatten(inner, f"{prefix}{key} ")
        else:
            yield f"{prefix}{key}", str(inner)


_FILTERS: dict[str, Callable[..., Any]] = {
    "signed": format_signed,
    "gauge": gauge,
    "marked": mark_differences,
}
