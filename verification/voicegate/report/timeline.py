"""The memory timeline: memory stacked by role, phases, limits, the agent's reports, and below them the calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from voicegate.judge.criterion import NotMeasured, NotRun
from voicegate.judge.monitor import memory_reports
from voicegate.judge.registry import Rules
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import pss_by_role, settled_level, tree_pss
from voicegate.measure.phases import AFTER_CYCLE, AFTER_FIRST, CYCLE, Span, every_span, last_t
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording, Turn
from voicegate.report.drawing import Area, Bars, Dots, Plot, Straight, Titled, draw

WIDTH, HEIGHT, LANE_HEIGHT = 1000, 280, 12
ROLES = {"main": "main", "model-host": "host", "job": "job", "other": "other"}  # and their colors
_MOST_POINTS = 700
_LEAST_WIDTH = 1 / WIDTH  # of a bar, as a part of the whole
_KINDS = {"call": ("soft", 0.28), "failed": ("fail", 0.5), "said": ("said", 1.0), "heard": ("heard", 1.0)}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing, and how much each role took at most, in words."""

    svg: Markup
    peaks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """Memory at one time, in bytes by role."""

    t: float
    by_role: Mapping[str, int]

    @property
    def bytes(self) -> int:
        """All of it."""
        return sum(self.by_role.values())


def make_timeline(recording: Recording, rules: Rules) -> Timeline | None:
    """Draw a recording or one of its variants, to which no limit applies; None when it holds no memory samples."""
    samples = _thinned([sample for sample in recording.memory if sample.complete and sample.processes])
    if not samples:
        return None
    moments = [Moment(sample.t, pss_by_role(sample)) for sample in samples]
    variant = recording.variant
    what = f"Memory of the agent's process tree{'' if variant is None else f' in variant {variant.name}'}"
    return _draw(recording, moments, what, tuple(_lines(recording, rules)), tuple(_reports(recording, rules)))


def make_heap_timeline(recording: Recording, moments: Sequence[Moment]) -> Timeline | None:
    """Draw what the agent's processes had allocated while a recording was made; None when nothing is known."""
    return _draw(recording, moments, "Allocated memory of the agent") if moments else None


def _draw(
    recording: Recording,
    moments: Sequence[Moment],
    what: str,
    lines: Sequence[Straight] = (),
    reports: Sequence[Titled] = (),
) -> Timeline:
    begin_t = 0.0 if recording.variant is None else recording.variant.t
    end_t = max(last_t(recording), moments[-1].t, begin_t + 1)
    peak = max(moment.bytes for moment in moments)
    top = 1.06 * max(peak, *(line.at for line in lines), 1)
    stacked = _stacked(moments)
    phases = every_span(recording)
    memory = Plot(
        (
            *_bands(phases, end_t),
            *reversed([area for area, _ in stacked.values()]),
            *lines,
            Dots([(t, min(level, top), title) for t, level, title in reports], marker="D", hollow=True),
        ),
        HEIGHT,
        (begin_t, end_t),
        (0, top),
        "{:.0f} s".format,
        format_bytes,
        labels=tuple(_labels(phases)),
    )
    title = f"{what} over {end_t - begin_t:.0f} s, highest {format_bytes(peak)}"
    svg = draw(title, [memory, *_calls(recording, begin_t, end_t)], WIDTH)
    return Timeline(svg, {role: text for role, (_, text) in stacked.items()})


def _thinned(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Keep the highest sample of each bin when there are more than can be seen."""
    size = -(-len(samples) // _MOST_POINTS)
    return [max(samples[at : at + size], key=tree_pss) for at in range(0, len(samples), max(1, size))]


def _stacked(moments: Sequence[Moment]) -> Mapping[str, tuple[Area, str]]:
    """Make the area of each role, down to zero, the lowest first: drawn in the other order, each hides what is not its own."""
    roof = [0] * len(moments)
    found = {}
    for role, color in ROLES.items():
        own = [
            sum(size for name, size in moment.by_role.items() if (name if name in ROLES else "other") == role)
            for moment in moments
        ]
        if any(own):
            roof = [below + height for below, height in zip(roof, own, strict=True)]
            points = [(moment.t, level) for moment, level in zip(moments, roof, strict=True)]
            most = format_bytes(max(own))
            found[role] = Area(points, color, f"{role}: at most {most}"), most
    return found


def _bands(phases: Sequence[Span], end_t: float) -> Iterable[Bars]:
    """Shade the phases, the darker the more calls; those without calls can only be pointed at."""
    bands: dict[int, list[Titled]] = {}
    for span in phases:
        until_t = end_t if span.end_t is None else span.end_t
        title = f"{span.name}: {span.concurrent_calls} calls, {span.begin_t:.1f} to {until_t:.1f} s"
        bands.setdefault(span.concurrent_calls, []).append((span.begin_t, until_t, title))
    for calls, found in bands.items():
        yield Bars(found, "soft", min(0.05 + 0.03 * calls, 0.3) if calls else 0.01)


def _labels(phases: Sequence[Span]) -> Iterable[tuple[float, str]]:
    """Name the phases, and all cycles once."""
    cycles = [span for span in phases if span.name.startswith(CYCLE)]
    for span in phases:
        if not span.name.startswith((CYCLE, AFTER_CYCLE)):
            yield span.begin_t, span.name
        elif [span] == cycles[:1]:
            yield span.begin_t, f"{len(cycles)} cycles"


def _lines(recording: Recording, rules: Rules) -> Iterable[Straight]:
    """Draw the limit of the whole and the level after the first call; a variant has neither."""
    if recording.variant is not None:
        return
    of_load, limits = recording.header.of_load, rules.limits
    criterion, limit = ("L5", limits.load_total_bytes) if of_load else ("C7", limits.total_bytes)
    yield Straight(limit, "fail", f"{criterion} limit {format_bytes(limit)}")
    try:
        first = settled_level(recording, AFTER_FIRST, rules.limits)
    except (NotMeasured, NotRun):
        return
    text = f"level after the first call {format_bytes(first.pss_bytes)}"
    yield Straight(first.pss_bytes, "ink", text, line="--")


def _reports(recording: Recording, rules: Rules) -> Iterable[Titled]:
    try:
        reports = memory_reports(recording, rules.log)
    except (NotMeasured, NotRun):
        return
    for report in reports:
        title = f"the agent reports {format_bytes(report.memory_bytes)} ({report.stated}) at {report.t:.1f} s"
        yield report.t, report.memory_bytes, title


def _calls(recording: Recording, begin_t: float, end_t: float) -> Iterable[Plot]:
    """Lay calls into lanes, each into the first lane that is free; nothing without calls."""
    try:
        calls = calls_in_order(recording)
    except NotMeasured:
        return
    free_at: list[float] = []
    bars: dict[tuple[int, str], list[Titled]] = {}
    for call in calls:
        lane = next((lane for lane, t in enumerate(free_at) if t <= call.dialed_t), len(free_at))
        left_t = end_t if call.left_t is None else call.left_t
        free_at[lane : lane + 1] = [left_t]
        for kind, bar_begin_t, bar_end_t, title in (*_bars(call, left_t), *_scripted(recording, call)):
            least_end_t = bar_begin_t + _LEAST_WIDTH * (end_t - begin_t)
            bars.setdefault((lane, kind), []).append((bar_begin_t, max(bar_end_t, least_end_t), title))
    marks = [Bars(spans, *_KINDS[kind], lane=lane) for (lane, kind), spans in bars.items()]
    rows = len(free_at)
    height, y_range = LANE_HEIGHT * rows, (rows - 0.4, -0.6)
    yield Plot(marks, height, (begin_t, end_t), y_range, "{:.0f} s".format, y_title="calls")


def _bars(call: Call, left_t: float) -> Iterable[tuple[str, float, float, str]]:
    kind = "failed" if call.failure and not call.broken_off else "call"
    yield kind, call.dialed_t, left_t, f"{call.name} in {call.phase}, {call.dialed_t:.1f} to {left_t:.1f} s"
    yield from _turns(call, call.turns)


def _scripted(recording: Recording, call: Call) -> Iterable[tuple[str, float, float, str]]:
    """Show the turns and sounds of a scripted call."""
    yield from _turns(call, (turn for turn in recording.scripted if turn.call == call.name))
    for step in recording.steps:
        if step.call == call.name and step.step in ("disturbance", "quiet"):
            yield "said", step.t, step.end_t, f"{call.name}, step {step.index + 1}: {step.what}"


def _turns(call: Call, turns: Iterable[Turn]) -> Iterable[tuple[str, float, float, str]]:
    for turn in turns:
        yield "said", turn.speech_start_t, turn.speech_end_t, f"{call.name} says: {turn.said_text}"
        if turn.reply_start_t is not None and turn.reply_end_t is not None:
            heard = turn.heard_text or turn.reply_text or "a reply"
            yield "heard", turn.reply_start_t, turn.reply_end_t, f"{call.name} hears: {heard}"
