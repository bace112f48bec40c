"""What happened in scripted calls, step by step: what the caller did, what was expected, and what came."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from voicegate.judge import as_scripted, barge_in, keeps_talking, quiet, recovers, waits
from voicegate.judge.criterion import NotMeasured, NotRun
from voicegate.judge.registry import Limits, Rules
from voicegate.measure.expectations import wording
from voicegate.measure.played_steps import PlayedStep, StepResult, played_steps
from voicegate.names import StepKind
from voicegate.quantity import format_quantity
from voicegate.record.events import CallStep, Recording, Turn
from voicegate.report.contents import Cell, Column, On, Table

_IN_MARKDOWN = 3  # calls: a summary is not to be longer than what it sums up

_UNJUDGED: Mapping[StepKind, str] = {"opening": "a reply, for the next step to speak into"}

_Expected = Callable[[CallStep, Limits], str]
_JUDGED: Mapping[StepKind, tuple[_Expected, Callable[[PlayedStep, Limits], StepResult]]] = {
    "turn": (lambda *_: "understood, answered and heard", recovers.result),
    "pause": (lambda *_: "no reply in the pause; answered once, whole", waits.result),
    "interruption": (
        lambda _, limits: f"silence within {format_quantity(limits.barge_in_s, 's')}, and an answer",
        barge_in.result,
    ),
    "disturbance": (lambda *_: "the reply goes on; no answer", keeps_talking.result),
    "quiet": (lambda *_: "nothing is said", quiet.result),
    "expected": (lambda step, _: wording(step.expects) if step.expects else "", as_scripted.result),
}
"""What is expected in a step of each kind that is judged, and what says whether it came."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in words; `at_s` is where it begins in the sound files of the call. Without a result it is not judged."""

    number: int
    at_s: float
    caller: str
    expected: str
    result: StepResult | None


def step_tables(recording: Recording, rules: Rules) -> Mapping[str, Table[StepRow]]:
    """Make a table of the steps of each scripted call, by its name."""
    results = _results(recording, rules.limits)
    began = {sound.call: sound.t for sound in recording.sounds}
    turns = {(turn.call, turn.index): turn for turn in recording.scripted}
    rows: dict[str, list[StepRow]] = {}
    for step in recording.steps:
        kind = step.step if step.expects is None else "expected"
        expected = _JUDGED[kind][0](step, rules.limits) if kind in _JUDGED else _UNJUDGED.get(kind, "")
        turn = None if step.turn is None else turns.get((step.call, step.turn))
        row = StepRow(
            step.index + 1,
            step.t - began.get(step.call, step.t),
            _done(step, turn),
            expected,
            results.get((step.call, step.index)),
        )
        rows.setdefault(step.call, []).append(row)
    return {
        call: Table(
            f"Steps of {call}",
            _COLUMNS,
            own,
            f"Times are those of the sound in audio/{call}-said.wav and audio/{call}-heard.wav.",
            On.PAGE | On.MARKDOWN if shown < _IN_MARKDOWN else On.PAGE,
        )
        for shown, (call, own) in enumerate(sorted(rows.items()))
    }


def _results(recording: Recording, limits: Limits) -> Mapping[tuple[str, int], StepResult]:
    return {
        (step.call.name, step.step.index): result(step, limits)
        for kind, (_, result) in _JUDGED.items()
        for step in _played(recording, kind, limits)
    }


def _played(recording: Recording, kind: StepKind, limits: Limits) -> Iterator[PlayedStep]:
    try:
        yield from played_steps(recording, kind, limits)[0]
    except (NotMeasured, NotRun):
        return


def _done(step: CallStep, turn: Turn | None) -> str:
    parts = [_deed(step, turn)]
    if step.pause is not None:
        parts.append(f"with a pause of {format_quantity(step.pause[1] - step.pause[0], 's')}")
    if step.into_reply_s is not None:
        parts.append(f"{format_quantity(step.into_reply_s, 's')} into the reply")
    return ", ".join(parts)


def _deed(step: CallStep, turn: Turn | None) -> str:
    match step.step:
        case "hang_up" | "vanish":
            return {"hang_up": "hangs up", "vanish": "vanishes"}[step.step]
        case "disturbance" | "quiet":
            return f"{step.what} for {format_quantity(step.end_t - step.t, 's')}"
        case "message":
            return f"writes {step.what if turn is None else repr(turn.said_text)}"
        case _:
            return f"says {step.what if turn is None else repr(turn.said_text)}"


def _outcome(row: StepRow) -> Cell:
    if row.result is None:
        return Cell("–")
    if row.result.well is None:
        return Cell("UNCLEAR", "error")
    return Cell("PASS", "pass") if row.result.well else Cell("FAIL", "fail")


_COLUMNS: tuple[Column[StepRow], ...] = (
    Column("step", lambda row: str(row.number), "number"),
    Column("at", lambda row: format_quantity(row.at_s, "s"), "number", hint="in the sound files of the call"),
    Column("the caller", lambda row: row.caller),
    Column("expected", lambda row: row.expected),
    Column("came", lambda row: row.result.came if row.result else ""),
    Column("outcome", _outcome, "outcome"),
)
