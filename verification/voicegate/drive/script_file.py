"""Scenario files: a team's own scripted calls, as TOML beside the gate file."""

from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicegate.drive.script import ScriptStep, kinds
from voicegate.expected_reply import ANY_REPLY, GivenReply
from voicegate.gate_file import KeyProblem, SettingsError, explain, read_gate_file
from voicegate.measure.expectations import wording
from voicegate.names import ClipKind, SoundName
from voicegate.record.events import Expected

_IN_REPLY_MS = 400
KINDS_OF_CLIPS: tuple[str, ...] = get_args(ClipKind)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectTable(_Table):
    """What is expected of the agent in a step, in place of what the gate asks of every agent."""

    answer: GivenReply | None = Field(
        default=None,
        description="the reply: a text, { pattern = ... } or { words = [...] }, with {code} and {text}",
    )
    within_ms: int | None = Field(
        default=None, gt=0, description="the reply begins within this, from the end of what is said"
    )
    once: bool = Field(default=False, description="there is one reply, and nothing after it")
    no_answer: bool = Field(default=False, description="nothing is said that was not being said before")
    keeps_talking: bool = Field(default=False, description="the reply that the step speaks into goes on")
    stops_within_ms: int | None = Field(
        default=None, gt=0, description="the reply that the step speaks into stops within this"
    )

    def expected(self) -> Expected:
        """Return it in seconds."""
        return Expected(
            answer=self.answer,
            within_s=None if self.within_ms is None else self.within_ms / 1000,
            once=self.once,
            no_answer=self.no_answer,
            keeps_talking=self.keeps_talking,
            stops_within_s=None if self.stops_within_ms is None else self.stops_within_ms / 1000,
        )

    def problem(self, step: "StepTable") -> str:
        """Name the first key that asks for something that such a step cannot have; empty if there is none."""
        into_reply = step.into_reply_ms is not None
        if step.hang_up or step.vanish:
            return "the caller has left, and hears nothing any more"
        asks_for_answer = [
            name for name in ("answer", "within_ms", "once") if getattr(self, name) not in (None, False)
        ]
        asks_of_reply = [name for name in ("keeps_talking", "stops_within_ms") if getattr(self, name)]
        if not (asks_for_answer or asks_of_reply or self.no_answer):
            return "say what is expected: " + ", ".join(ExpectTable.model_fields)
        if asks_for_answer and step.say is None and step.text is None:
            return f"{asks_for_answer[0]} is about the answer to what is said or written, and this step does neither"
        if asks_for_answer and self.no_answer:
            return f"{asks_for_answer[0]} and no_answer exclude each other"
        if asks_of_reply and not into_reply:
            return f"{asks_of_reply[0]} is about a reply that the step speaks into: give into_reply_ms"
        return "keeps_talking and stops_within_ms exclude each other" if len(asks_of_reply) > 1 else ""


class StepTable(_Table):
    """One step: what is said, or done instead. Times are in milliseconds."""

    say: str | None = Field(
        default=None,
        min_length=1,
        description='"code" or "sentence", any of that kind; or the name of a clip',
    )
    sound: SoundName | None = Field(default=None, description="instead of `say`: what the microphone sends")
    text: str | None = Field(
        default=None,
        min_length=1,
        description="instead: a message that the caller writes, as LiveKit's chat sends it",
    )
    mute_ms: int | None = Field(
        default=None, gt=0, le=30_000, description="instead: the microphone is muted for so long"
    )
    hang_up: Literal[True] | None = Field(
        default=None, description="instead: the caller hangs up; nothing can follow"
    )
    vanish: Literal[True] | None = Field(
        default=None,
        description="instead: the caller's program is killed, and its connection goes without a goodbye",
    )
    level_db: float = Field(
        default=0.0,
        ge=-40,
        le=20,
        description="how much louder a sound is than usual; less than 0 is softer",
    )
    for_ms: int | None = Field(
        default=None, gt=0, le=30_000, description="how long the sound is; 400 in a reply, needed elsewhere"
    )
    pause_ms: int = Field(default=0, ge=0, le=10_000, description="silence inside what is said")
    into_reply_ms: int | None = Field(
        default=None, ge=0, le=20_000, description="begin so long after the reply to the step before began"
    )

    expect: ExpectTable | None = Field(
        default=None, description="what is expected, in place of what the gate asks of every agent"
    )

    @model_validator(mode="after")
    def _check_expectation(self) -> Self:
        if self.expect is not None and (text := self.expect.problem(self)):
            raise KeyProblem("expect", text)
        return self

    @model_validator(mode="after")
    def _check_what_is_done(self) -> Self:
        given = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(given) != 1:
            seen = f"found {' and '.join(given)}" if given else "found none"
            raise KeyProblem(
                given[1] if given else "say", f"a step needs exactly one of {', '.join(ACTIONS)}; {seen}"
            )
        if self.sound is None and self.for_ms is not None:
            raise KeyProblem("for_ms", "this key is for sounds; the clip says how long speech lasts")
        if self.sound in (None, "silence") and self.level_db:
            raise KeyProblem("level_db", "this key is for sounds that can be heard")
        if self.say is None and self.pause_ms:
            raise KeyProblem("pause_ms", "a pause is a silence inside speech: this is for say")
        if self.sound is not None and self.into_reply_ms is None and self.for_ms is None:
            raise KeyProblem("for_ms", "say for how many milliseconds the sound lasts")
        if self.sound == "silence" and self.into_reply_ms is not None:
            raise KeyProblem(
                "into_reply_ms", "silence during a reply is no disturbance: every caller is silent then"
            )
        return self

    def step(self) -> ScriptStep:
        """Return what the caller does, in seconds."""
        sound_ms = (self.for_ms or _IN_REPLY_MS) if self.sound is not None else 0
        return ScriptStep(
            says=self.say,
            writes=self.text,
            leaves="hang_up" if self.hang_up else "vanish" if self.vanish else None,
            muted=self.mute_ms is not None,
            sound=self.sound or "silence",
            level_db=self.level_db,
            for_s=(self.mute_ms or sound_ms) / 1000,
            pause_s=self.pause_ms / 1000,
            into_reply_s=None if self.into_reply_ms is None else self.into_reply_ms / 1000,
            expects=self._expects(),
        )

    def _expects(self) -> Expected | None:
        """Return what is expected; of a message, if nothing else is said, that it is answered."""
        if self.expect is not None:
            return self.expect.expected()
        return Expected(answer=ANY_REPLY) if self.text is not None else None


ACTIONS = ("say", "text", "sound", "mute_ms", "hang_up", "vanish")
"""The keys of which a step has one."""


class CallsTable(_Table):
    """Calls that are made at once, all by the same script."""

    callers: int = Field(default=1, ge=1, le=50, description="how many callers dial at once")
    steps: tuple[StepTable, ...] = Field(min_length=1, description="what each of them does, in this order")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        before: StepTable | None = None
        for number, step in enumerate(self.steps):
            if before is not None and (before.hang_up or before.vanish):
                raise KeyProblem(f"steps.{number}", "the step before ends the call: nothing can follow it")
            answered = before is not None and (before.say or before.text)
            if step.into_reply_ms is not None and not answered:
                raise KeyProblem(
                    f"steps.{number}.into_reply_ms", "the step before must say or write something"
                )
            before = step
        return self

    @property
    def script(self) -> tuple[ScriptStep, ...]:
        """What each caller does."""
        return tuple(step.step() for step in self.steps)


class ScenarioFile(_Table):
    """Calls that are made one group after the other."""

    calls: tuple[CallsTable, ...] = Field(min_length=1, description="groups of calls, one after the other")


def read_script_file(path: Path, clips: frozenset[str] | None = None) -> ScenarioFile:
    """Read a scenario file, and see that the clips that it names are among these. Raises SettingsError, with file, line and key."""
    file = read_gate_file(path, "scenario file")
    try:
        found = ScenarioFile.model_validate(file.tables)
    except ValidationError as error:
        raise SettingsError(explain(file, error, ScenarioFile)) from None
    for at, calls in enumerate(found.calls):
        for number, step in enumerate(calls.steps):
            if clips is not None and step.say not in (None, *KINDS_OF_CLIPS, *clips):
                key = ("calls", at, "steps", number, "say")
                raise SettingsError(
                    file.message(
                        key,
                        f"no clip is called {step.say!r}; known: {', '.join((*KINDS_OF_CLIPS, *sorted(clips)))}",
                    )
                )
    return found


def described(file: ScenarioFile) -> list[str]:
    """Say in a line each what callers do, and what each step is for."""
    lines = []
    for calls in file.calls:
        who = "one caller" if calls.callers == 1 else f"{calls.callers} callers at once"
        lines.append(f"{who}: a plain turn, then")
        for number, (step, kind) in enumerate(zip(calls.script, kinds(calls.script), strict=True), start=1):
            lines.append(f"  {number:2}  {kind:<12}  {_shown(step)}")
    return lines


def _shown(step: ScriptStep) -> str:
    parts = [_done(step)]
    if step.level_db:
        parts.append(f"{abs(step.level_db):g} dB {'louder' if step.level_db > 0 else 'softer'} than usual")
    if step.pause_s:
        parts.append(f"with a pause of {step.pause_s:g} s")
    if step.into_reply_s is not None:
        parts.append(f"{step.into_reply_s:g} s after the reply began")
    if step.expects is not None:
        parts.append(f"expects {wording(step.expects)}")
    return ", ".join(parts)


def _done(step: ScriptStep) -> str:
    if step.says is not None:
        return f"says {step.says}"
    if step.writes is not None:
        return f"writes {step.writes!r}"
    if step.leaves is not None:
        return {"hang_up": "hangs up", "vanish": "vanishes without a goodbye"}[step.leaves]
    return f"{step.what} for {step.for_s:g} s"
