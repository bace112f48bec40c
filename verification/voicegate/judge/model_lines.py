"""What the agent's log says about its shared models, as typed lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicegate.judge.log_texts import log_texts
from voicegate.log_contract import ENGINES, STEPS, Engine, LoadStep, LogContract
from voicegate.measure.caveats import Caveat, NotMeasured
from voicegate.measure.copies import all_come_twice, copies_or_two, counted_once
from voicegate.record.events import LogLine, Recording

_Patterns = Sequence[tuple[Engine, LoadStep, re.Pattern[str]]]

_LOOKS_ALIKE = re.compile(
    r"(?i)(load|initiali[sz]|reus|shar)\w*\b.*\b(model|engine|asr|stt|tts|whisper|piper|voice)"
)
_LONGEST = 120
_LONGEST_PATTERN = 60
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One line about one engine; `instance` is the id it names, None for lines that name none."""

    t: float
    engine: Engine
    step: LoadStep
    instance: str | None
    pid: int | None
    room: str | None

    def describe(self) -> str:
        """Short form for evidence."""
        instance = f" {self.instance}" if self.instance else ""
        pid = f", process {self.pid}" if self.pid is not None else ""
        room = f", {self.room}" if self.room else ""
        return f"{self.t:.2f} s: {self.engine} {self.step}{instance}{pid}{room}"


def model_lines(recording: Recording, contract: LogContract) -> tuple[ModelLine, ...]:
    """All lines about the shared models, in time order.

    There are none where the contract has no such lines. Raises NotMeasured when no line of the log was recorded, or calls were
    answered and no line at all is one about a model: then the patterns are wrong, or the lines never reached the log; or each comes
    twice, and nothing says whether the second one is a copy.
    """
    if not contract.names_models:
        return ()
    lines = log_texts(recording)
    patterns = _patterns(contract)
    about = [line for line in lines if any(pattern.search(line.message) for _, _, pattern in patterns)]
    if all_come_twice(about):
        raise copies_or_two("models")
    found = tuple(found for line in counted_once(about) for found in _in_line(line, patterns))
    if not found and any(event.step == "agent_joined" for event in recording.calls):
        nothing = _nothing_said(lines, contract)
        raise NotMeasured(nothing.reason, nothing.advice)
    return found


def unnamed_models(
    recording: Recording, contract: LogContract, lines: Sequence[ModelLine]
) -> Mapping[Engine, Caveat]:
    """Return a caveat for a model that no line is about, although lines are about the other one and calls were answered."""
    missing = [engine for engine in ENGINES if not any(line.engine == engine for line in lines)]
    if not any(event.step == "agent_joined" for event in recording.calls):
        return {}
    return {engine: _nothing_said(log_texts(recording), contract, (engine,)) for engine in missing}


def no_reuse_said(recording: Recording, contract: LogContract, engine: Engine) -> Caveat:
    """Return a caveat for a model whose reuse no line of the log names, while no line says that it was loaded again."""
    return _nothing_said(log_texts(recording), contract, (engine,), steps=("reusing",))


def _nothing_said(
    lines: Sequence[LogLine],
    contract: LogContract,
    engines: Sequence[Engine] = ENGINES,
    steps: Sequence[LoadStep] = STEPS,
) -> Caveat:
    """Say which patterns fit nothing, and show lines that they might have been meant for."""
    patterns = {
        f"{engine.lower()}_{step}": pattern
        for engine in engines
        for step, pattern in contract.model_patterns(engine).items()
        if step in steps
    }
    known = [pattern for _, _, pattern in _patterns(contract)]
    near = dict.fromkeys(line.message for line in lines if _LOOKS_ALIKE.search(line.message))
    unknown = [text for text in near if not any(pattern.search(text) for pattern in known)]
    unknown.sort(key=lambda text: not any(engine in text for engine in engines))
    shown = " and ".join(repr(text[:_LONGEST]) for text in unknown[:_SHOWN])
    named = ", ".join(f"{name} = {text[:_LONGEST_PATTERN]!r}" for name, text in patterns.items())
    return Caveat(
        f"none of the {len(lines)} lines of the agent's log fits [log] {named}"
        + (f"; these may be meant: {shown}" if shown else ""),
        f"give {', '.join(patterns)} the words that the agent uses, or '' where it says nothing, and try them on this run: `voicegate "
        "judge recording.jsonl --gate gate.toml`; livekit-agents keeps lines of loggers whose name begins with `livekit.` out of the log "
        "unless they are warnings",
    )


def _in_line(line: LogLine, patterns: _Patterns) -> Sequence[ModelLine]:
    """Find every message in one line, in the order they stand in it; where patterns overlap, the first one counts."""
    found: list[ModelLine] = []
    end = 0
    matches = [
        (match, engine, step) for engine, step, text in patterns for match in text.finditer(line.message)
    ]
    for match, engine, step in sorted(matches, key=lambda one: one[0].start()):
        if match.start() >= end:
            instance = match.groupdict().get("id")
            found.append(ModelLine(line.t, engine, step, instance, line.pid, line.room))
            end = match.end()
    return found


def _patterns(contract: LogContract) -> _Patterns:
    return [
        (engine, step, re.compile(text))
        for engine in ENGINES
        for step, text in contract.model_patterns(engine).items()
    ]
