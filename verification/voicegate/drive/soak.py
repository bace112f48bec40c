"""Soaking: the same call over and over, for so many cycles or so long, without filling the disk."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from voicegate.drive.listening import Listener
from voicegate.drive.scenario import QUIET, Calls, Rest, Scenario, Soak, Step, cycles
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_turn
from voicegate.record.events import CallEvent, Event, Turn
from voicegate.record.recording import Clock

SHORTEST_CYCLE_S = 5.0
CYCLES_PER_NOTE = 10


def soak_scenario(count: int, for_s: float | None = None) -> Scenario:
    """Make a scenario of `count` cycles, or of as many as begin within `for_s`."""
    if for_s is not None:
        count = round(for_s / SHORTEST_CYCLE_S) + 1
    steps: tuple[Step, ...] = (
        Rest("baseline", 6),
        Calls("first-call", 1, ("code", "sentence")),
        Rest("after-first", 5, until_rooms_gone=True),
        *cycles(count),
        QUIET,
    )
    return Scenario(steps, soak=Soak(for_s))


def soaking(
    scenario: Scenario, clock: Clock, failures: Callable[[], int], progress: Callable[[str], None]
) -> Iterator[Step]:
    """Give the steps as they are to be played; once the time is up, only those that are no cycles.

    Tells of every tenth cycle, and how many calls have failed by then.
    """
    for_s = scenario.soak.for_s if scenario.soak else None
    count = sum(step.phase.startswith("cycle-") for step in scenario.steps)
    begun, over = 0, False
    for step in scenario.steps:
        if step.phase.startswith("cycle-"):
            over = over or (for_s is not None and clock() >= for_s)
            begun += not over
            if not over and begun % CYCLES_PER_NOTE == 1:
                of = f" of {count}" if for_s is None else ""
                progress(f"Cycle {begun}{of}, {clock() / 60:.0f} minutes so far, {failures()} calls failed")
        elif not step.phase.startswith("after-cycle-"):
            progress(step.phase)
        elif over:
            continue
        if not (over and step.phase.startswith("cycle-")):
            yield step


class KeptSound:
    """Keeps the sound of calls that went wrong and of the last that went well; `listen_and_delete` listens, then deletes.

    `emit` passes events on and may be called from any thread.
    """

    def __init__(self, listener: Listener, kept_calls: int, limits: TurnLimits) -> None:
        self._listener = listener
        self._limits = limits
        self._kept_calls = kept_calls
        self._new: deque[Turn] = deque()
        self._failed: set[str] = set()
        self._well: deque[tuple[Turn, ...]] = deque()

    @property
    def failures(self) -> int:
        """How many calls have failed so far."""
        return len(self._failed)

    def emit(self, event: Event) -> None:
        """Record an event, and remember the turns and failures among them."""
        self._listener.emit(event)
        if isinstance(event, Turn):
            self._new.append(event)
        elif isinstance(event, CallEvent) and event.step == "failed":
            self._failed.add(event.call)

    async def listen_and_delete(self) -> None:
        """Listen to the calls that have ended, and delete the sound of the oldest that went well."""
        calls: dict[str, list[Turn]] = {}
        while self._new:
            turn = self._new.popleft()
            calls.setdefault(turn.call, []).append(turn)
        for call, spoken in calls.items():
            turns = await self._listener.listen(spoken)
            if call not in self._failed and not any(assess_turn(turn, self._limits).flaws for turn in turns):
                self._well.append(tuple(turns))
        while len(self._well) > self._kept_calls:
            for turn in self._well.popleft():
                self._delete(turn)

    def _delete(self, turn: Turn) -> None:
        for name in (turn.said_audio, turn.heard_audio):
            if name is not None:
                (self._listener.folder / name).unlink(missing_ok=True)
        self._listener.emit(replace(turn, said_audio=None, heard_audio=None))
