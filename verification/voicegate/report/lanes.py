"""Lanes: one call on a time axis of its own, which begins as its sound does: the caller above, the agent below.

Drawn by hand, as a page has many of them: each part is a rectangle that the style sheet colors, placed in percent of the width.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from voicegate.measure.calls import Call
from voicegate.record.events import CallStep, Turn
from voicegate.report.page_svg import readable

PartKind = Literal[
    "joining", "joined", "speaking", "interrupting", "waiting", "unanswered", "hearing", "gap", "ended"
]

_ROWS: dict[PartKind, tuple[int, int]] = {
    "joining": (13, 3),
    "joined": (0, 29),
    "speaking": (2, 11),
    "interrupting": (2, 11),
    "waiting": (20, 3),
    "unanswered": (20, 3),
    "hearing": (16, 11),
    "gap": (16, 11),
    "ended": (0, 29),
}
"""Where each kind is drawn: top and height; later kinds lie above earlier ones."""
_HEIGHT, _TEXT_Y = 42, 40
_LEAST_PERCENT = 0.35
_MOST_TICKS = 6
_TICKS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class LanePart:
    """A part of a call, in seconds from where its sound begins; `title` says what it is."""

    kind: PartKind
    begin_s: float
    end_s: float
    title: str


def lane_parts(
    call: Call, turns: Sequence[Turn], steps: Sequence[CallStep], left_t: float
) -> tuple[LanePart, ...]:
    """List the parts of a call that lasted until `left_t`, those that are drawn first in front."""
    steps = [step for step in steps if step.call == call.name]
    found = [*_connection(call, left_t), *_sounds(steps), *_turns(turns, steps, left_t)]
    order = list(_ROWS)
    moved = (
        LanePart(kind, max(0.0, begin_t - call.dialed_t), end_t - call.dialed_t, title)
        for kind, begin_t, end_t, title in found
    )
    return tuple(sorted(moved, key=lambda part: order.index(part.kind)))


_Timed = tuple[PartKind, float, float, str]


def _connection(call: Call, left_t: float) -> Iterable[_Timed]:
    joined_t = left_t if call.answered_t is None else call.answered_t
    joined = "nobody answered" if call.answered_t is None else "the agent joined after"
    yield "joining", call.dialed_t, joined_t, f"{joined} {joined_t - call.dialed_t:.2f} s"
    if call.answered_t is not None:
        yield "joined", joined_t, left_t, f"caller and agent joined, for {left_t - joined_t:.1f} s"
    if call.failure is not None:
        yield "ended", left_t, left_t, call.failure


def _sounds(steps: Iterable[CallStep]) -> Iterable[_Timed]:
    for step in steps:
        if step.step == "interruption":
            yield "interrupting", step.t, step.end_t, f"interrupts the agent: {step.what}"
        elif step.step in ("disturbance", "quiet"):
            yield "speaking", step.t, step.end_t, step.what


def _turns(turns: Sequence[Turn], steps: Iterable[CallStep], left_t: float) -> Iterable[_Timed]:
    interrupting = {step.turn for step in steps if step.step == "interruption"}
    following = [turn.speech_start_t for turn in turns[1:]]
    for turn, until_t in zip(turns, [*following, left_t], strict=False):
        if turn.index not in interrupting:
            yield "speaking", turn.speech_start_t, turn.speech_end_t, f"says: {turn.said_text}"
        start_t, end_t = turn.reply_start_t, turn.reply_end_t
        if start_t is None or end_t is None:
            waited = f"no reply was heard, {until_t - turn.speech_end_t:.2f} s"
            yield "unanswered", turn.speech_end_t, until_t, waited
            continue
        yield "waiting", turn.speech_end_t, start_t, f"waits {start_t - turn.speech_end_t:.2f} s"
        yield "hearing", start_t, end_t, f"hears: {turn.heard_text or turn.reply_text or 'a reply'}"
        for gap in turn.gaps:
            begin_t = start_t + gap.start_s
            yield "gap", begin_t, begin_t + gap.duration_s, f"gap of {gap.duration_s * 1000:.0f} ms"


def draw_lane(name: str, parts: Sequence[LanePart], length_s: float) -> Markup:
    """Draw a call of this length; a screen reader says its name and what was waited."""
    length_s = max(length_s, 0.1)
    said = ", ".join(part.title for part in parts if part.kind in ("waiting", "unanswered", "gap", "ended"))
    label = readable(f"{name}, {length_s:.0f} s{': ' if said else ''}{said}")
    return Markup('<svg class="lane" height="{}" role="img" aria-label="{}">{}{}</svg>').format(
        _HEIGHT,
        label,
        Markup("").join(_rectangle(part, length_s) for part in parts if part.begin_s <= length_s),
        Markup("").join(_tick(at_s, length_s) for at_s in _ticks(length_s)),
    )


def _rectangle(part: LanePart, length_s: float) -> Markup:
    top, height = _ROWS[part.kind]
    width = max(_LEAST_PERCENT, 100 * (min(part.end_s, length_s) - part.begin_s) / length_s)
    left = min(100 * part.begin_s / length_s, 100 - width)
    return Markup(
        '<rect class="{}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}"><title>{}</title></rect>'
    ).format(part.kind, left, top, width, height, readable(part.title))


def _ticks(length_s: float) -> Iterable[float]:
    step_s = next((one for one in _TICKS_S if length_s / one < _MOST_TICKS), length_s)
    at_s = 0.0
    while at_s < 0.94 * length_s:  # a text further to the right would not be seen whole
        yield at_s
        at_s += step_s


def _tick(at_s: float, length_s: float) -> Markup:
    return Markup('<text x="{:.2f}%" y="{}">{:.0f} s</text>').format(100 * at_s / length_s, _TEXT_Y, at_s)
