"""What Locust's statistics get to know about a call: pure, from the events of the recording."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from voicegate.load.messages import Outcome
from voicegate.measure.spoken_words import contains, word_errors, words
from voicegate.record.events import CallEvent, Event, Turn

JOIN = "join"
AGENT = "agent joined"
TURN = "turn"


@dataclass(slots=True)
class CallOutcomes:
    """Follows one call. `foreign_codes` gives the codes that other calls speak now; `wer` is the error rate allowed."""

    foreign_codes: Callable[[], Iterable[str]]
    wer: float
    _dialed_t: float = 0.0
    _joined_t: float | None = None
    _answered: bool = False

    def of(self, event: Event) -> Outcome | None:
        """Say what the event means for the statistics; None for nothing."""
        if isinstance(event, Turn):
            return self._turn(event)
        return self._step(event) if isinstance(event, CallEvent) else None

    def _step(self, event: CallEvent) -> Outcome | None:
        match event.step:
            case "dialed":
                self._dialed_t = event.t
            case "joined":
                self._joined_t = event.t
                return Outcome(JOIN, event.t - self._dialed_t)
            case "agent_audio":
                self._answered = True
                return Outcome(AGENT, event.t - (self._joined_t or self._dialed_t))
            case "failed" if event.fault != "run":
                return self._failure(event)
        return None

    def _failure(self, event: CallEvent) -> Outcome:
        name = JOIN if self._joined_t is None else TURN if self._answered else AGENT
        owner = "" if event.fault in (None, "agent") else f"fault of the {event.fault}: "
        return Outcome(name, None, f"{owner}{event.detail}")

    def _turn(self, turn: Turn) -> Outcome:
        name = f"{TURN}: {'code' if turn.said_code else 'sentence'}"
        wait_s = None if turn.latency_s is None else max(0.0, turn.latency_s)
        return Outcome(name, wait_s, self._problem(turn))

    def _problem(self, turn: Turn) -> str | None:
        texts = [words(text) for text in (turn.transcript, turn.reply_text)]
        if any(contains(text, words(code)) for code in self.foreign_codes() for text in texts):
            return "crossed: the code of another call came back"
        if turn.latency_s is None:
            return "no reply was heard"
        if turn.said_code:
            wrong = not contains(texts[0], words(turn.said_code))
        else:
            wrong = word_errors(turn.said_text, turn.transcript).rate > self.wer
        return f"transcript wrong: {turn.clip}" if wrong else None
