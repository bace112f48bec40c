"""The memory timeline as geometry: stacked memory by role, phases, limits, reports and calls, in pixels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voicegate.judge.criterion import NotMeasured, NotRun
from voicegate.judge.monitor import memory_reports
from voicegate.judge.registry import Rules
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import settled_level, tree_pss
from voicegate.measure.phases import AFTER_CYCLE, AFTER_FIRST, CYCLE, Span, last_t, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording
from voicegate.report.axes import Scale

WIDTH, LEFT, RIGHT, TOP = 1200, 62, 14, 70
PLOT_HEIGHT, LANE_HEIGHT, AXIS_HEIGHT = 300, 11, 26
ROLES = ("main", "model-host", "job", "other")
_MOST_POINTS = 1100


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Area:
    """The memory of one role, stacked on those before it; `points` for an SVG polygon."""

    role: str
    points: str
    peak_text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A phase; `label` is empty where a neighbor's label stands for it."""

    x: float
    width: float
    calls: int
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line with a label: a limit or a level."""

    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A memory report of the agent."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a call: the call itself, the caller's speech or the reply."""

    x: float
    y: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the drawing needs."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    areas: tuple[Area, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    description: str


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
    """Lay out a recording or one of its acts, to which no limit applies; None when it holds no memory samples."""
    samples = _thinned([sample for sample in recording.memory if sample.complete and sample.processes])
    if not samples:
        return None
    moments = [_moment(sample) for sample in samples]
    act = recording.act
    x, y = _scales(recording, moments, _limit(recording, rules)[1] if act is None else 0)
    lines, marks = tuple(_lines(recording, rules, y)), tuple(_marks(recording, rules, x, y))
    what = f"Memory of the agent's process tree{'' if act is None else f' in act {act.name}'}"
    return _lay_out(recording, moments, what, (x, y), lines, marks)


def make_heap_timeline(recording: Recording, moments: Sequence[Moment]) -> Timeline | None:
    """Lay out what the agent's processes had allocated while a recording was made; None when nothing is known."""
    if not moments:
        return None
    return _lay_out(recording, moments, "Allocated memory of the agent", _scales(recording, moments))


def _scales(recording: Recording, moments: Sequence[Moment], least_bytes: int = 0) -> tuple[Scale, Scale]:
    begin_t = 0.0 if recording.act is None else recording.act.t
    peak = max(moment.bytes for moment in moments)
    return (
        Scale(begin_t, max(last_t(recording), moments[-1].t), LEFT, WIDTH - RIGHT),
        Scale(0, max(peak, least_bytes) * 1.06, TOP + PLOT_HEIGHT, TOP),
    )


def _lay_out(
    recording: Recording,
    moments: Sequence[Moment],
    what: str,
    scales: tuple[Scale, Scale],
    lines: tuple[Line, ...] = (),
    marks: tuple[Mark, ...] = (),
) -> Timeline:
    x, y = scales
    bars, lanes = _bars(recording, x)
    peak = max(moment.bytes for moment in moments)
    return Timeline(
        width=WIDTH,
        height=TOP + PLOT_HEIGHT + AXIS_HEIGHT + lanes * LANE_HEIGHT + 4,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        bottom=TOP + PLOT_HEIGHT,
        areas=tuple(_areas(moments, x, y)),
        bands=tuple(_bands(spans(recording), x)),
        lines=lines,
        marks=marks,
        bars=bars,
        x_ticks=tuple(Tick(x(t), f"{t:.0f} s") for t in x.ticks(12)),
        y_ticks=tuple(Tick(y(level), format_bytes(level)) for level in y.ticks(6)),
        description=f"{what} over {x.high - x.low:.0f} s, highest {format_bytes(peak)}",
    )


def _thinned(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Keep the highest sample of each bin when there are more than can be seen."""
    size = -(-len(samples) // _MOST_POINTS)
    return [max(samples[at : at + size], key=tree_pss) for at in range(0, len(samples), max(1, size))]


def _moment(sample: MemorySample) -> Moment:
    by_role: dict[str, int] = {}
    for process in sample.processes:
        by_role[process.role] = by_role.get(process.role, 0) + process.pss_bytes
    return Moment(sample.t, by_role)


def _areas(moments: Sequence[Moment], x: Scale, y: Scale) -> Iterable[Area]:
    floor = [0] * len(moments)
    for role in ROLES:
        own = [
            sum(size for name, size in moment.by_role.items() if _role(name) == role) for moment in moments
        ]
        if not any(own):
            continue
        roof = [below + height for below, height in zip(floor, own, strict=True)]
        upper = [f"{x(moment.t)},{y(level)}" for moment, level in zip(moments, roof, strict=True)]
        lower = [f"{x(moment.t)},{y(level)}" for moment, level in zip(moments, floor, strict=True)]
        yield Area(role, " ".join(upper + lower[::-1]), format_bytes(max(own)))
        floor = roof


def _role(role: str) -> str:
    return role if role in ROLES else "other"


def _bands(found: Sequence[Span], x: Scale) -> Iterable[Band]:
    cycles = [span for span in found if span.name.startswith(CYCLE)]
    for span in found:
        end_t = x.high if span.end_t is None else span.end_t
        label = span.name
        if label.startswith((CYCLE, AFTER_CYCLE)):
            label = f"{len(cycles)} cycles" if [span] == cycles[:1] else ""
        title = f"{span.name}: {span.concurrent_calls} calls, {span.begin_t:.1f} to {end_t:.1f} s"
        yield Band(x(span.begin_t), round(x(end_t) - x(span.begin_t), 2), span.concurrent_calls, label, title)


def _lines(recording: Recording, rules: Rules, y: Scale) -> Iterable[Line]:
    if recording.act is not None:
        return
    criterion, limit = _limit(recording, rules)
    yield Line(y(limit), f"{criterion} limit {format_bytes(limit)}", "limit")
    try:
        first = settled_level(recording, AFTER_FIRST, rules.limits)
    except (NotMeasured, NotRun):
        return
    yield Line(y(first.pss_bytes), f"level after the first call {format_bytes(first.pss_bytes)}", "level")


def _limit(recording: Recording, rules: Rules) -> tuple[str, int]:
    """Tell which criterion bounds the whole, and where; bytes."""
    load = recording.header.of_load
    return ("L5", rules.limits.load_total_bytes) if load else ("C7", rules.limits.total_bytes)


def _marks(recording: Recording, rules: Rules, x: Scale, y: Scale) -> Iterable[Mark]:
    try:
        reports = memory_reports(recording, rules.log)
    except (NotMeasured, NotRun):
        return
    for report in reports:
        title = f"the agent reports {format_bytes(report.memory_bytes)} ({report.stated}) at {report.t:.1f} s"
        yield Mark(x(report.t), y(min(report.memory_bytes, y.high)), title)


def _bars(recording: Recording, x: Scale) -> tuple[tuple[Bar, ...], int]:
    """Lay calls into lanes, each into the first lane that is free; returns the bars and the number of lanes."""
    try:
        calls = calls_in_order(recording)
    except NotMeasured:
        return (), 0
    free_at: list[float] = []
    bars: list[Bar] = []
    for call in calls:
        lane = next((lane for lane, t in enumerate(free_at) if t <= call.dialed_t), len(free_at))
        end_t = x.high if call.left_t is None else call.left_t
        free_at[lane : lane + 1] = [end_t]
        bars += _call_bars(call, end_t, TOP + PLOT_HEIGHT + AXIS_HEIGHT + lane * LANE_HEIGHT, x)
    return tuple(bars), len(free_at)


def _call_bars(call: Call, end_t: float, y: float, x: Scale) -> Iterable[Bar]:
    title = f"{call.name} in {call.phase}, {call.dialed_t:.1f} to {end_t:.1f} s"
    yield _bar(
        call.dialed_t, end_t, y, "failed" if call.failure and not call.broken_off else "call", title, x
    )
    for turn in call.turns:
        said = f"{call.name} says: {turn.said_text}"
        yield _bar(turn.speech_start_t, turn.speech_end_t, y, "said", said, x)
        if turn.reply_start_t is not None and turn.reply_end_t is not None:
            heard = f"{call.name} hears: {turn.heard_text or turn.reply_text or 'a reply'}"
            yield _bar(turn.reply_start_t, turn.reply_end_t, y, "heard", heard, x)


def _bar(begin_t: float, end_t: float, y: float, kind: str, title: str, x: Scale) -> Bar:
    return Bar(x(begin_t), y, max(1.0, round(x(end_t) - x(begin_t), 2)), kind, title)
