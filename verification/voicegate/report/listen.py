"""The calls of a run as the page has them: each a lane, its sound and its transcript; those that went wrong first.

A page has a bounded number of calls, and a bounded amount of sound. Both go to the calls that went wrong first, then to the others in
the order in which they were made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from markupsafe import Markup

from voicegate.judge.criterion import NotMeasured
from voicegate.judge.registry import Rules
from voicegate.measure.assessment import Owner, assess_call
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.phases import last_t
from voicegate.measure.stalls import Stall, stalls_for_callers
from voicegate.record.events import Recording, Turn
from voicegate.report.contents import Table
from voicegate.report.lanes import draw_lane, lane_parts
from voicegate.report.sounds import SoundFiles, sounds_within
from voicegate.report.step_tables import StepRow
from voicegate.report.verdict import StatusName

MOST_CALLS = 60
MOST_TURNS = 150
"""In all calls together; a call that has more itself is shown with so many."""
_MOST_WRONG = 3  # sentences about one call

Steps = Mapping[str, Table[StepRow]]


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call on the page. `label` is empty where nothing went wrong, else `wrong` says what did, and `whose` doing it was.

    `files` lie beside the recording; `sound` is a data URI.
    """

    call: Call
    turns: tuple[Turn, ...]
    length_s: float
    lane: Markup
    label: str
    status: StatusName
    wrong: tuple[str, ...]
    whose: str
    steps: Table[StepRow] | None
    files: SoundFiles | None
    sound: str | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """What the page shows of all calls; `left_out` are those that it has no room for."""

    calls: tuple[ShownCall, ...] = ()
    left_out: int = 0

    @property
    def with_sound(self) -> int:
        """Count the calls that can be played."""
        return sum(one.sound is not None for one in self.calls)


def listen(recording: Recording, rules: Rules, steps: Steps, folder: Path | None = None) -> Listening:
    """Choose the calls of a recording and put together what is shown of each; `folder` is where its sound lies."""
    try:
        calls = calls_in_order(recording)
    except NotMeasured:
        return Listening()
    stalls = stalls_for_callers(recording, rules.limits)
    all_calls = [_shown(recording, call, rules, stalls, steps.get(call.name)) for call in calls]
    shown = _that_fit(sorted(all_calls, key=lambda one: _URGENCY[one.status]))
    files = ((one.call.name, one.files) for one in shown if one.files is not None)
    sounds = {} if folder is None else sounds_within(folder, files)
    with_sound = (replace(one, sound=sounds.get(one.call.name)) for one in shown)
    return Listening(tuple(with_sound), len(all_calls) - len(shown))


def _that_fit(calls: Sequence[ShownCall]) -> Sequence[ShownCall]:
    turns = accumulate(len(one.turns) for one in calls)
    fitting = sum(so_far <= MOST_TURNS for so_far in turns)
    return calls[: min(MOST_CALLS, max(1, fitting))]


def _shown(
    recording: Recording, call: Call, rules: Rules, stalls: Sequence[Stall], steps: Table[StepRow] | None
) -> ShownCall:
    turns = (*call.turns, *(turn for turn in recording.scripted if turn.call == call.name))
    assessed = assess_call(call, rules.limits, stalls)
    missed = tuple(_missed(steps.items if steps else ()))
    wrong = (*dict.fromkeys(flaw.text for flaw in assessed.flaws), *missed)
    owner = "agent" if missed else assessed.owner
    label, status = _LABELS.get(owner, ("WENT WRONG", "error"))
    left_t = last_t(recording) if call.left_t is None else call.left_t
    length_s = max(left_t - call.dialed_t, 0.0)
    lane = draw_lane(call.name, lane_parts(call, turns, recording.steps, left_t), length_s)
    shown_wrong, whose = wrong[:_MOST_WRONG], owner if wrong and owner else ""
    return ShownCall(call, turns, length_s, lane, label, status, shown_wrong, whose, steps, _files(turns))


_LABELS: Mapping[Owner | None, tuple[str, StatusName]] = {
    None: ("", "pass"),
    "agent": ("WENT WRONG", "fail"),
    "run": ("CUT OFF", "not_run"),
}
"""How a call is marked by whose doing it is that something went wrong; all others are the machine's or a part's of the gate."""
_URGENCY: Mapping[StatusName, int] = {"fail": 0, "error": 1, "not_run": 2, "pass": 3}


def _missed(steps: Sequence[StepRow]) -> Iterable[str]:
    """Say what came in the steps of a scripted call that did not go as expected."""
    for row in steps:
        if row.result is not None and row.result.well is False:
            yield f"step {row.number}: {row.result.came}"


def _files(turns: Iterable[Turn]) -> SoundFiles | None:
    return next(
        (
            SoundFiles(turn.said_audio, turn.heard_audio)
            for turn in turns
            if turn.said_audio and turn.heard_audio
        ),
        None,
    )
