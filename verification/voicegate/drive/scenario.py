"""The scenarios: what happens in a run, as data. The judges know the phases by these names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voicegate.drive.script import ScriptStep, judged_kinds
from voicegate.drive.script import expected_s as expected_of_script_s
from voicegate.drive.script_file import ScenarioFile, read_script_file
from voicegate.measure.phases import AFTER_CYCLE
from voicegate.names import ClipKind, ScenarioName
from voicegate.quantity import number_of
from voicegate.record.events import PlannedPhase, VariantName
from voicegate.settings import ScenarioSection, VariantSection, VariantsSection

_JOIN_S = 2.0
_CYCLE_LONGER_S = 4.0  # of many rests: an agent whose processes are never steady must not make a run endless
_TURN_S = 8.5
_MONITOR_S = 60.0
_LOADING_JOIN_S = 120.0  # three calls that load a model each: 45 s on 2 cores with a load of 12
_LOADING_REPLY_S = 40.0
_CROWD_REPLY_S = 45.0  # the last of five who speak at once waited up to 31.5 s on 2 cores

CONVERSATION = Path(__file__).with_name("conversation.toml")

_ROOM_STAYS_S = 20.0  # LiveKit's departure_timeout
LONGER_S = 10.0
"""By how much a rest may last longer while processes of the agent come and go."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A phase without calls.

    With `until_rooms_gone` it lasts until the server has closed the rooms of the calls, and so long again after that: LiveKit
    keeps the room of a stock agent, and its job, for 20 s. While processes of the agent come and go, it lasts longer, by `longer_s`
    at most.
    """

    phase: str
    seconds: float
    until_rooms_gone: bool = False
    longer_s: float = LONGER_S

    @property
    def expected_s(self) -> float:
        """About how long it takes."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Calls:
    """A phase in which `callers` dial at once, say their turns, stay silent for `settle_s`, and hang up at once.

    A `script` follows the turns. `join_timeout_s` and `reply_timeout_s` are for callers who must be at least that patient, whatever the settings say.
    """

    phase: str
    callers: int
    turns: tuple[ClipKind, ...]
    settle_s: float = 4.5
    join_timeout_s: float | None = None
    reply_timeout_s: float | None = None
    script: tuple[ScriptStep, ...] = ()

    @property
    def clips(self) -> tuple[tuple[str, bool], ...]:
        """What each caller says: kinds or names of clips, and whether there will be a pause in it."""
        scripted = ((step.says, step.pause_s > 0) for step in self.script if step.says is not None)
        return (*((kind, False) for kind in self.turns), *scripted)

    @property
    def expected_s(self) -> float:
        """About how long it takes when every reply comes soon."""
        return _JOIN_S + len(self.turns) * _TURN_S + expected_of_script_s(self.script) + self.settle_s


@dataclass(frozen=True, slots=True)
class Quiet:
    """A phase without calls that lasts until the agent's monitor has reported `reports` times since the agent's start.

    With a `rest_s` only reports that come so long after the phase began count. `after_s` is waited in the end, so that
    the last report has memory samples on either side. With `until_rooms_gone` it is also the rest in which everybody has
    left, as in `Rest`, and is played for agents that report nothing too.
    """

    phase: str
    reports: int
    longest_s: float
    rest_s: float = 0.0
    after_s: float = 2.0
    until_rooms_gone: bool = False

    @property
    def expected_s(self) -> float:
        """About how long it takes when nothing went before it."""
        return min(self.longest_s, self.reports * _MONITOR_S)


Step = Rest | Calls | Quiet

_BOTH: tuple[ClipKind, ...] = ("code", "sentence")
_CODE: tuple[ClipKind, ...] = ("code",)


@dataclass(frozen=True, slots=True)
class Soak:
    """How a long run ends and what it keeps: calls end after `for_s`, and sound is kept of the last `kept_calls`."""

    for_s: float | None = None
    kept_calls: int = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played with one agent, and the variants that follow, each with an agent of its own.

    With `page`, calls from a web page come between the two. One with `soak` goes on for long: see `soak.py`. Up to `more_cycles` are played after the planned ones, while those decide nothing:
    see `more_cycles.py`.
    """

    steps: tuple[Step, ...]
    variants: tuple[VariantName, ...] = ()
    soak: Soak | None = None
    more_cycles: int = 0
    page: bool = False


def cycles(count: int) -> tuple[Step, ...]:
    """Repeat one caller's call and the rest after it so often."""
    return tuple(step for number in range(1, count + 1) for step in cycle(number))


def cycle(number: int) -> tuple[Step, Step]:
    """Make the call and the rest of the cycle with this number."""
    rest = Rest(f"{AFTER_CYCLE}{number:02}", 3.5, longer_s=_CYCLE_LONGER_S)
    return Calls(f"cycle-{number:02}", 1, _CODE, settle_s=0), rest


QUIET = Quiet("quiet", reports=3, longest_s=200, after_s=10, until_rooms_gone=True)

PAIR: tuple[Step, ...] = (
    Rest("baseline", 5),
    Calls("first-call", 1, _CODE),
    Rest("after-first", 4, until_rooms_gone=True),
    Calls("second-call", 1, _CODE),
    Rest("after-second", 4, until_rooms_gone=True),
)

_RACE: tuple[Step, ...] = (
    Rest("baseline", 5),
    Calls("first-call", 2, _CODE),
    Rest("after-first", 4, until_rooms_gone=True),
    Calls("second-call", 1, _CODE),
    Rest("after-all", 4, until_rooms_gone=True),
)

_CROWD: tuple[Step, ...] = (
    Calls("three-at-once", 3, _CODE),
    Rest("after-all", 5, until_rooms_gone=True),
)

_SHORT: tuple[Step, ...] = (*PAIR, *_CROWD)

_FIRST_AND_CROWD: tuple[Step, ...] = (*PAIR[:3], *_CROWD)

_AFTER_CYCLES = Rest("after-all-cycles", 4, until_rooms_gone=True)

_CYCLES: tuple[Step, ...] = (*_FIRST_AND_CROWD, *cycles(8), _AFTER_CYCLES)

_FULL: tuple[Step, ...] = (
    Rest("baseline", 6),
    Calls("first-call", 1, _BOTH),
    Rest("after-first", 5, until_rooms_gone=True),
    Calls("second-call", 1, _CODE),
    Rest("after-second", 4),
    Calls("three-at-once", 3, _BOTH, reply_timeout_s=_CROWD_REPLY_S),
    Calls("five-at-once", 5, _CODE, reply_timeout_s=_CROWD_REPLY_S),
    Rest("after-all", 5),
    *cycles(20),
    QUIET,
)


def scripted(file: ScenarioFile) -> Scenario:
    """Make the scenario of a scenario file: its groups of calls, each call with a plain turn before its script."""
    calls = (
        Calls(
            "conversation" if number == 1 else f"conversation-{number}",
            group.callers,
            _CODE,
            settle_s=0,
            script=group.script,
        )
        for number, group in enumerate(file.calls, start=1)
    )
    return Scenario((Rest("baseline", 1), *calls, Rest("after-all", 4, until_rooms_gone=True)))


def _patient(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Let callers wait for an agent that is slowed by what watches it."""
    return tuple(
        replace(step, join_timeout_s=_LOADING_JOIN_S, reply_timeout_s=_CROWD_REPLY_S)
        if isinstance(step, Calls)
        else step
        for step in steps
    )


_PROFILE = _patient(
    (
        Rest("baseline", 5),
        Calls("first-call", 1, _CODE),
        Rest("after-first", 4, until_rooms_gone=True),
        Calls("three-at-once", 3, _CODE),
        Rest("after-three", 4),
        *cycles(4),
        _AFTER_CYCLES,
    )
)

PAGE = Calls("page", 5, _CODE)
"""What callers say on a web page: one, the same again, and three at once; their calls are the browser's."""

SCENARIOS: dict[ScenarioName, Scenario] = {
    "full": Scenario(_FULL, ("forced-gc", "unshared"), more_cycles=10, page=True),
    "short": Scenario(_SHORT),
    "conversation": scripted(read_script_file(CONVERSATION)),
    "page": Scenario(PAIR[:3], page=True),
    "pair": Scenario(PAIR),
    "race": Scenario(_RACE),
    "cycles": Scenario(_CYCLES),
    "monitor": Scenario((*PAIR, QUIET)),
    "forced-gc": Scenario(PAIR, ("forced-gc",)),
    "benefit": Scenario(_FIRST_AND_CROWD, ("unshared",)),
    "profile": Scenario(_PROFILE),
}

VARIANTS: dict[VariantName, tuple[Step, ...]] = {
    "forced-gc": (
        Rest("baseline", 3),
        Calls("three-at-once", 3, _CODE, settle_s=0.5),
        Quiet("forced-gc", reports=1, longest_s=60, rest_s=4, after_s=7),
    ),
    "unshared": (
        Rest("baseline", 4),
        Calls("first-call", 1, _CODE, join_timeout_s=_LOADING_JOIN_S, reply_timeout_s=_LOADING_REPLY_S),
        Rest("after-first", 6),
        Calls("three-at-once", 3, _CODE, join_timeout_s=_LOADING_JOIN_S, reply_timeout_s=_LOADING_REPLY_S),
        Rest("after-all", 6),
    ),
}


def scenario_of(section: ScenarioSection, clips: frozenset[str] | None = None) -> Scenario:
    """Return the scenario that a gate file asks for; of one in a file, see that its clips are among these. Raises SettingsError."""
    return (
        SCENARIOS[section.name] if section.file is None else scripted(read_script_file(section.file, clips))
    )


def expected_s(steps: tuple[Step, ...]) -> float:
    """About how long a scenario takes; a quiet step only waits for what the others leave of it."""
    busy_s = sum(step.expected_s for step in steps if not isinstance(step, Quiet))
    return max([busy_s, *(step.expected_s for step in steps if isinstance(step, Quiet))])


def longer_s(steps: tuple[Step, ...]) -> float:
    """By how much it takes longer at most where the agent leaves the rooms of its calls to the server."""
    return _ROOM_STAYS_S * sum(not isinstance(step, Calls) and step.until_rooms_gone for step in steps)


def describe(steps: tuple[Step, ...]) -> str:
    """Summarize a scenario in one line."""
    calls = [step for step in steps if isinstance(step, Calls)]
    total = sum(step.callers for step in calls)
    most = max((step.callers for step in calls), default=0)
    length = f"about {expected_s(steps) / 60:.1f} minutes"
    if more_s := longer_s(steps):
        length += f", up to {more_s / 60:.1f} more where the agent leaves its rooms open"
    return f"{len(steps)} phases, {total} calls, up to {most} at once, {length}"


def announced(steps: Sequence[Step], progress: Callable[[str], None]) -> Iterator[Step]:
    """Give the steps, and tell of each when it is about to be played."""
    for number, step in enumerate(steps, start=1):
        progress(f"{number:2}/{len(steps)}  {_what(step)}")
        yield step


def _what(step: Step) -> str:
    match step:
        case Calls(phase=phase, callers=callers):
            return f"{phase}: {number_of(callers, 'caller')}"
        case Rest(phase=phase, seconds=seconds):
            return f"{phase}: {seconds:g} s without calls"
        case Quiet(phase=phase, reports=reports):
            return f"{phase}: until {reports} memory reports were seen"


def section_of(variants: VariantsSection, name: VariantName) -> VariantSection | None:
    """Return what the gate file says about a variant."""
    return {"forced-gc": variants.forced_gc, "unshared": variants.unshared}[name]


def _kind_of(step: Step) -> str:
    """Name what cycles have in common; each group of scripted calls has steps of its own."""
    scripted = isinstance(step, Calls) and step.script
    return step.phase if scripted else re.sub(r"\d+$", "", step.phase)


def planned_phases(
    scenario: Scenario, variants: VariantsSection, *, reports: bool
) -> tuple[PlannedPhase, ...]:
    """List the phases that are played if nothing breaks the run off, of cycles the first one; `reports` says whether the agent reports its memory."""
    phases = {
        _kind_of(step): PlannedPhase(
            step.phase,
            step.callers if isinstance(step, Calls) else 0,
            steps=judged_kinds(step.script) * step.callers if isinstance(step, Calls) else (),
        )
        for step in reversed(scenario.steps)
        if not isinstance(step, Quiet) or reports or step.until_rooms_gone
    }
    played = (name for name in scenario.variants if section_of(variants, name) is not None)
    return (*reversed(phases.values()), *(PlannedPhase(name, 0, name) for name in played))
