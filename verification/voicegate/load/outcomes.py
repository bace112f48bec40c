"""What Locust's statistics get to know about a call: pure, from the events of the recording."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite

from voicegate.limits import TurnLimits
from voicegate.load.messages import LocustEntry
from voicegate.measure.assessment import SOUND, FlawKind, assess_turn
from voicegate.measure.waits import wait_of
from voicegate.record.events import CallEvent, Event, Turn

JOIN = "join"
AGENT = "agent joined"
TURN = "turn"

_PROBLEMS: dict[FlawKind, str] = {
    "crossed": "crossed: the code of another call came back",
    "unheard": "no reply was heard",
    "misunderstood": "transcript wrong: {clip}",
    "no reply": "no reply text: {clip}",
    "wrong reply": "reply text wrong: {clip}",
    "code lost": "the code did not come back: {clip}",
}


@dataclass(slots=True)
class CallOutcomes:
    """Follows one call. `foreign_codes` gives the codes that other calls speak now."""

    foreign_codes: Callable[[], Iterable[str]]
    limits: TurnLimits
    _dialed_t: float = 0.0
    _joined_t: float | None = None
    _answered: bool = False

    def of(self, event: Event) -> LocustEntry | None:
        """Say what the event means for the statistics; None for nothing."""
        if isinstance(event, Turn):
            return self._turn(event)
        return self._step(event) if isinstance(event, CallEvent) else None

    def _step(self, event: CallEvent) -> LocustEntry | None:
        match event.step:
            case "dialed":
                self._dialed_t = event.t
            case "joined":
                self._joined_t = event.t
                return LocustEntry(JOIN, event.t - self._dialed_t)
            case "agent_audio":
                self._answered = True
                return LocustEntry(AGENT, event.t - (self._joined_t or self._dialed_t))
            case "failed" if event.fault != "run":
                return self._failure(event)
        return None

    def _failure(self, event: CallEvent) -> LocustEntry:
        name = JOIN if self._joined_t is None else TURN if self._answered else AGENT
        owner = "" if event.fault in (None, "agent") else f"fault of the {event.fault}: "
        return LocustEntry(name, None, f"{owner}{event.detail}")

    def _turn(self, turn: Turn) -> LocustEntry:
        name = f"{TURN}: {'code' if turn.said_code else 'sentence'}"
        wait_s = wait_of(turn)
        return LocustEntry(name, wait_s if isfinite(wait_s) else None, self._problem(turn))

    def _problem(self, turn: Turn) -> str | None:
        """Name the worst flaw in words that are the same for all turns of a clip; no criterion of a load run judges the sound."""
        flaws = assess_turn(turn, self.limits, tuple(self.foreign_codes())).flaws
        worst = next((flaw.kind for flaw in flaws if flaw.kind not in SOUND), None)
        return None if worst is None else _PROBLEMS[worst].format(clip=turn.clip)
