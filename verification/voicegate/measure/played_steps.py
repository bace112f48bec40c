"""The steps of scripted calls, each with its turn and with when the agent was heard: what turn-taking is judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicegate.limits import SpeechLimits
from voicegate.measure.calls import Call, calls_in_order, failed_by_others
from voicegate.measure.caveats import Caveat, NotMeasured, NotRun
from voicegate.measure.phases import missing_part
from voicegate.names import StepKind
from voicegate.record.events import CallSound, CallStep, Recording, Turn

WHAT: dict[StepKind, str] = {
    "turn": "plain turn of a scripted call",
    "opening": "turn whose reply is spoken over",
    "pause": "sentence with a pause",
    "interruption": "interruption",
    "disturbance": "noise during a reply",
    "quiet": "time in which nobody speaks to the agent",
    "message": "written message",
    "hang_up": "caller who hangs up",
    "vanish": "caller who vanishes",
    "expected": "step with an expectation",
}
"""What a step of each kind is called."""
PLAY_CONVERSATION = "play a scenario that has it: voicegate verify --scenario conversation"
WRITE_SCRIPT = "write a scenario file whose steps say what they expect, and name it as [scenario] file"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the agent was heard; seconds on the recording's clock."""

    begin_t: float
    end_t: float


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A step as it was played. `turn` is what was said in it, or the turn whose reply it disturbed.

    `heard` is when the agent was heard, over the whole call. `usual_reply_s` is how long the shortest reply was that nobody
    disturbed, to a turn of the same kind; None if there was none.
    """

    call: Call
    step: CallStep
    turn: Turn | None
    heard: tuple[Stretch, ...]
    usual_reply_s: float | None

    @property
    def name(self) -> str:
        """What evidence calls it."""
        return f"{self.call.name} step {self.step.index + 1}, {self.step.what}"

    @property
    def t(self) -> float:
        """When the caller was first heard in it, as the sound tells where something was said."""
        said = self.step.step != "disturbance" and self.turn is not None
        return self.turn.speech_start_t if said and self.turn is not None else self.step.t

    @property
    def spoke_until_t(self) -> float:
        """When the caller had finished."""
        said = self.step.step != "disturbance" and self.turn is not None
        return self.turn.speech_end_t if said and self.turn is not None else self.step.end_t

    @property
    def stopped_after_s(self) -> float:
        """How long what began before the caller had finished was heard, from the step's begin."""
        old = [one.end_t for one in self.heard if one.begin_t < self.spoke_until_t and one.end_t > self.t]
        return max(old, default=self.t) - self.t

    def answers(self, pause_s: float) -> tuple[Stretch, ...]:
        """List what began to be heard after the caller had finished, and before the step was over; one may have pauses of this length.

        Fillers that were said by themselves are none.
        """
        from_t = self.spoke_until_t
        if self.turn is not None and self.turn.reply_from_t is not None:
            from_t = max(from_t, self.turn.reply_from_t)
        return joined((one for one in self.heard if from_t <= one.begin_t < self.step.over_t), pause_s)

    def spoken_over(self, pause_s: float) -> Stretch | None:
        """Return the reply that was being heard when the step began; a reply may have pauses of this length."""
        replies = joined(self.heard, pause_s)
        return next((one for one in replies if one.begin_t <= self.t < one.end_t), None)

    def is_too_short(self, reply: Stretch, more_s: float) -> bool:
        """Whether a reply may have ended by itself so soon after the step's begin, as the usual ones are no longer."""
        return self.usual_reply_s is None or self.t - reply.begin_t + more_s > self.usual_reply_s


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came in a step, in words, and whether the agent did well; None where it says nothing about the agent."""

    came: str
    well: bool | None


def joined(stretches: Iterable[Stretch], pause_s: float) -> tuple[Stretch, ...]:
    """Join stretches with no more than this between them."""
    found: list[Stretch] = []
    for one in stretches:
        if found and one.begin_t - found[-1].end_t <= pause_s:
            found[-1] = Stretch(found[-1].begin_t, one.end_t)
        else:
            found.append(one)
    return tuple(found)


def _how_to_play(kind: StepKind) -> str:
    return WRITE_SCRIPT if kind == "expected" else PLAY_CONVERSATION


def played_steps(
    recording: Recording, kind: StepKind, limits: SpeechLimits
) -> tuple[tuple[PlayedStep, ...], tuple[Caveat, ...]]:
    """Return the steps of a kind, at least one, and caveats where some were planned and not played.

    Raises NotRun where none was planned, NotMeasured where none was played.
    """
    own = [step for step in recording.steps if (step.step if step.expects is None else "expected") == kind]
    planned = _planned(recording, kind)
    if planned == 0:
        raise NotRun(f"the scenario has no {WHAT[kind]}", _how_to_play(kind))
    if not own and planned is None:
        raise missing_part(recording, WHAT[kind], advice=_how_to_play(kind))
    calls = {call.name: call for call in calls_in_order(recording)}
    caveats = (*failed_by_others(calls.values()), *_not_played(len(own), planned, kind, calls.values()))
    if not own:
        raise NotMeasured(caveats[0].reason, caveats[0].advice)
    heard = {sound.call: _heard(sound, limits) for sound in recording.sounds}
    if missing := sorted({step.call for step in own} - heard.keys()):
        raise NotMeasured(f"the sound of {missing[0]} was not recorded", "run again, to the end")
    return tuple(_played(recording, calls[step.call], step, heard[step.call]) for step in own), caveats


def cannot_tell(steps: Sequence[PlayedStep], over: Sequence[PlayedStep], short: int) -> tuple[Caveat, ...]:
    """Return caveats on steps into replies: those that came when no reply was heard any more, and so many replies that were too short.

    Raises NotMeasured when no step came into a reply.
    """
    advice = "have the agent give longer replies to the clips, or see in its log why it stopped by itself"
    found = []
    if len(over) < len(steps):
        found.append(f"the agent was not speaking any more at {len(steps) - len(over)} of {len(steps)} steps")
    if not over:
        raise NotMeasured(found[0], advice)
    if short:
        found.append(f"{short} of {len(steps)} replies were so short that they may have ended by themselves")
    return tuple(Caveat(reason, advice) for reason in found)


def _planned(recording: Recording, kind: StepKind) -> int | None:
    """Count the planned steps of a kind; None where it is not known what was planned."""
    if recording.header.planned is None:
        return None
    return sum(phase.steps.count(kind) for phase in recording.header.planned)


def _not_played(
    played: int, planned: int | None, kind: StepKind, calls: Iterable[Call]
) -> tuple[Caveat, ...]:
    if planned is None or played >= planned:
        return ()
    why = next(
        (f": {call.failure}" for call in calls if call.failure), ": the agent gave no reply to speak into"
    )
    left_out = f"{planned - played} of {planned}"
    reason = f"not played: {left_out}, {WHAT[kind]}{why}"
    return (Caveat(reason, "see in the agent's log what became of the call, and run again"),)


def _heard(sound: CallSound, limits: SpeechLimits) -> tuple[Stretch, ...]:
    from voicegate.measure.speech import sounding  # noqa: PLC0415 - numpy, which every command would wait for

    return tuple(Stretch(sound.t + begin, sound.t + end) for begin, end in sounding(sound.heard, limits))


def _played(recording: Recording, call: Call, step: CallStep, heard: tuple[Stretch, ...]) -> PlayedStep:
    turns = [turn for turn in recording.scripted if turn.call == step.call]
    turn = next((turn for turn in turns if turn.index == step.turn), None)
    return PlayedStep(call, step, turn, heard, _usual_reply_s(_undisturbed(recording, call, turns), turn))


def _undisturbed(recording: Recording, call: Call, turns: Iterable[Turn]) -> list[Turn]:
    plain = {step.turn for step in recording.steps if step.call == call.name and step.step == "turn"}
    return [*call.turns, *(turn for turn in turns if turn.index in plain)]


def _usual_reply_s(turns: Sequence[Turn], like: Turn | None) -> float | None:
    lengths = [
        turn.reply_end_t - turn.reply_start_t
        for turn in turns
        if turn.reply_start_t is not None
        and turn.reply_end_t is not None
        and (like is None or (turn.said_code is None) == (like.said_code is None))
    ]
    return min(lengths, default=None)
