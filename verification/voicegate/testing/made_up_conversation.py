"""Scripted calls that never took place: each step of a conversation with a healthy agent, and the sound of both sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from voicegate.names import StepKind
from voicegate.record.events import CallSound, CallStep, Expected, Loudness, Turn
from voicegate.testing.agent_lines import spoken

SAID_S, WAIT_S, REPLY_S, NOISE_S, QUIET_S = 2.0, 0.5, 2.5, 0.4, 5.0
INTO_REPLY_S, STOP_S, PAUSE_AT_S, PAUSE_S = 0.4, 0.3, 1.2, 0.5
_LISTEN_S = 2.0
_STEP_S = 0.005
_AUDIBLE, _SILENT = chr(ord("#") + 20), chr(ord("#") + 80)

KINDS: Sequence[StepKind] = (
    *("opening", "disturbance", "turn"),
    *("opening", "interruption", "turn"),
    *("pause", "pause", "turn"),
    *("quiet", "quiet", "turn"),
    "expected",
)

Heard = tuple[float, float]
"""When the agent is heard: from and to, in seconds after the begin of a step."""


@dataclass(frozen=True)
class MadeUpConversation:
    """A conversation that a caller began at `t` of the recording's clock.

    `heard` replaces when the agent is heard in a step, by the step's index, and `replies` what it answered there.
    """

    call: str
    t: float
    heard: Mapping[int, Sequence[Heard]] = field(default_factory=dict)
    replies: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def steps(self) -> tuple[CallStep, ...]:
        """List what the caller did; each step begins when the one before is over."""
        steps: list[CallStep] = []
        t, turn = self.t, 0
        for index, kind in enumerate(KINDS):
            turn += kind not in ("disturbance", "quiet")
            steps.append(_step(self.call, index, kind, t, turn))
            t = steps[-1].over_t
        return tuple(steps)

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """List the turns that belong to the steps."""
        return tuple(self._turn(step) for step in self.steps if step.step not in ("disturbance", "quiet"))

    def sound(self) -> CallSound:
        """Make the sound of the whole call."""
        said = [(step.t, step.end_t) for step in self.steps if step.step != "quiet"]
        return CallSound(self.t, self.call, self._track(said), self._track(self.heard_at()))

    def heard_at(self) -> list[tuple[float, float]]:
        """Tell when the agent is heard, on the recording's clock."""
        return [
            (step.t + begin_s, step.t + end_s)
            for step in self.steps
            for begin_s, end_s in self.heard.get(step.index, _usually_heard(step))
        ]

    def _track(self, stretches: Iterable[tuple[float, float]]) -> Loudness:
        levels = [_SILENT] * round((self.steps[-1].over_t - self.t) / _STEP_S)
        for begin_t, end_t in stretches:
            first, last = round((begin_t - self.t) / _STEP_S), round((end_t - self.t) / _STEP_S)
            levels[first:last] = [_AUDIBLE] * (last - first)
        return Loudness(0.0, "".join(levels))

    def _turn(self, step: CallStep) -> Turn:
        code = f"{5000 + 37 * step.index}"
        said, reply = f"my code is {spoken(code)}", f"thank you your code is {spoken(code)}"
        got = self.replies.get(step.index, reply)
        start_t = step.end_t + WAIT_S
        return Turn(
            t=step.t,
            call=self.call,
            index=step.turn or 0,
            clip=f"code-{code}",
            said_text=said,
            said_code=code,
            expected_reply=reply,
            speech_start_t=step.t,
            speech_end_t=step.end_t,
            reply_start_t=start_t if got else None,
            reply_end_t=start_t + REPLY_S if got else None,
            latency_s=WAIT_S if got else None,
            transcript=said,
            reply_text=got or None,
            heard_text=got or None,
            reply_audio_s=REPLY_S if got else 0.0,
            scripted=True,
        )


def _step(call: str, index: int, kind: StepKind, t: float, turn: int) -> CallStep:
    over_s = {
        "turn": SAID_S + WAIT_S + REPLY_S + 1.2,
        "expected": SAID_S + WAIT_S + REPLY_S + _LISTEN_S,
        "opening": SAID_S + WAIT_S + INTO_REPLY_S,
        "pause": SAID_S + PAUSE_S + WAIT_S + REPLY_S + _LISTEN_S,
        "interruption": SAID_S + WAIT_S + REPLY_S + 1.2,
        "disturbance": REPLY_S - INTO_REPLY_S + _LISTEN_S,
        "quiet": QUIET_S + (_LISTEN_S if KINDS[index + 1 : index + 2] != ("quiet",) else 0.0),
    }[kind]
    end_s = {"disturbance": NOISE_S, "quiet": QUIET_S, "pause": SAID_S + PAUSE_S}.get(kind, SAID_S)
    return CallStep(
        t=t,
        call=call,
        index=index,
        step="turn" if kind == "expected" else kind,
        what={"disturbance": "cough", "quiet": "music"}.get(kind, f"code-{5000 + 37 * index}"),
        end_t=t + end_s,
        over_t=t + over_s,
        turn=None if kind == "quiet" else turn,
        pause=(t + PAUSE_AT_S, t + PAUSE_AT_S + PAUSE_S) if kind == "pause" else None,
        into_reply_s=INTO_REPLY_S if kind in ("interruption", "disturbance") else None,
        expects=Expected(within_s=1.0, once=True) if kind == "expected" else None,
    )


def _usually_heard(step: CallStep) -> Sequence[Heard]:
    """Tell when a healthy agent is heard in a step: its reply, what is left of the one before, or nothing."""
    reply_s = step.end_t - step.t + WAIT_S
    match step.step:
        case "quiet":
            return ()
        case "disturbance":
            return ((0.0, REPLY_S - INTO_REPLY_S),)
        case "opening":
            return ((reply_s, step.over_t - step.t),)
        case "interruption":
            return ((0.0, STOP_S), (reply_s, reply_s + REPLY_S))
        case _:
            return ((reply_s, reply_s + REPLY_S),)
