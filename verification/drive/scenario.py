"""The scenarios: what happens in a run, as data. The judges know the phases by these names."""

from dataclasses import dataclass

from verification.drive.clip_supply import ClipKind
from verification.record.events import ActName
from verification.settings import ScenarioName

_JOIN_S = 2.0
_TURN_S = 8.5
_MONITOR_S = 60.0


@dataclass(frozen=True, slots=True)
class Rest:
    """A phase without calls."""

    phase: str
    seconds: float

    @property
    def expected_s(self) -> float:
        """About how long it takes."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Calls:
    """A phase in which `callers` dial at once, say their turns, stay silent for `settle_s`, and hang up at once."""

    phase: str
    callers: int
    turns: tuple[ClipKind, ...]
    settle_s: float = 4.5

    @property
    def expected_s(self) -> float:
        """About how long it takes when every reply comes soon."""
        return _JOIN_S + len(self.turns) * _TURN_S + self.settle_s


@dataclass(frozen=True, slots=True)
class Quiet:
    """A phase without calls that lasts until the agent's monitor has reported `reports` times since the start."""

    phase: str
    reports: int
    longest_s: float

    @property
    def expected_s(self) -> float:
        """About how long it takes when nothing went before it."""
        return self.reports * _MONITOR_S


Step = Rest | Calls | Quiet

_BOTH: tuple[ClipKind, ...] = ("code", "sentence")
_CODE: tuple[ClipKind, ...] = ("code",)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played with one agent, and the acts that follow, each with an agent of its own."""

    steps: tuple[Step, ...]
    acts: tuple[ActName, ...] = ()


def _cycles(count: int) -> tuple[Step, ...]:
    return tuple(step for number in range(1, count + 1) for step in _cycle(number))


def _cycle(number: int) -> tuple[Step, Step]:
    return Calls(f"cycle-{number:02}", 1, _CODE, settle_s=0.5), Rest(f"after-cycle-{number:02}", 4)


_QUIET = Quiet("quiet", reports=3, longest_s=200)

_PAIR: tuple[Step, ...] = (
    Rest("baseline", 5),
    Calls("first-call", 1, _CODE),
    Rest("after-first", 4),
    Calls("second-call", 1, _CODE),
    Rest("after-second", 4),
)

_RACE: tuple[Step, ...] = (
    Rest("baseline", 5),
    Calls("first-call", 2, _CODE),
    Rest("after-first", 4),
    Calls("second-call", 1, _CODE),
    Rest("after-all", 4),
)

_SHORT: tuple[Step, ...] = (*_PAIR, Calls("three-at-once", 3, _CODE), Rest("after-all", 5))

_CYCLES: tuple[Step, ...] = (*_SHORT, *_cycles(10))

_FULL: tuple[Step, ...] = (
    Rest("baseline", 6),
    Calls("first-call", 1, _BOTH),
    Rest("after-first", 6),
    Calls("second-call", 1, _BOTH),
    Rest("after-second", 6),
    Calls("three-at-once", 3, _BOTH),
    Calls("five-at-once", 5, _BOTH),
    Rest("after-all", 8),
    *_cycles(20),
    _QUIET,
)

SCENARIOS: dict[ScenarioName, Scenario] = {
    "full": Scenario(_FULL, ("forced-gc", "unshared")),
    "short": Scenario(_SHORT),
    "pair": Scenario(_PAIR),
    "race": Scenario(_RACE),
    "cycles": Scenario(_CYCLES),
    "monitor": Scenario((*_PAIR, _QUIET)),
    "forced-gc": Scenario(_PAIR, ("forced-gc",)),
    "benefit": Scenario(_SHORT, ("unshared",)),
}

ACTS: dict[ActName, tuple[Step, ...]] = {
    "forced-gc": (
        Rest("baseline", 3),
        Calls("three-at-once", 3, _CODE, settle_s=0.5),
        Quiet("forced-gc", reports=1, longest_s=60),
    ),
    "unshared": (
        Rest("baseline", 4),
        Calls("first-call", 1, _CODE),
        Rest("after-first", 4),
        Calls("three-at-once", 3, _CODE),
        Rest("after-all", 4),
    ),
}


def expected_s(steps: tuple[Step, ...]) -> float:
    """About how long a scenario takes; a quiet step only waits for what the others leave of it."""
    busy_s = sum(step.expected_s for step in steps if not isinstance(step, Quiet))
    return max([busy_s, *(step.expected_s for step in steps if isinstance(step, Quiet))])


def describe(steps: tuple[Step, ...]) -> str:
    """Summarize a scenario in one line."""
    calls = [step for step in steps if isinstance(step, Calls)]
    total = sum(step.callers for step in calls)
    most = max((step.callers for step in calls), default=0)
    return f"{len(steps)} phases, {total} calls, up to {most} at once, about {expected_s(steps) / 60:.1f} minutes"
