"""The log lines the gate looks for, as regular expressions; the defaults are the exact text of the contract.

A pattern is searched for anywhere in a line. An empty pattern says that the agent writes no such line; the
criteria that need it are then not run.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Engine = Literal["ASR", "TTS"]
LoadStep = Literal["initializing", "initialized", "reusing"]
ENGINES: tuple[Engine, ...] = ("ASR", "TTS")
STEPS: tuple[LoadStep, ...] = ("initializing", "initialized", "reusing")


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def _captures(*groups: str) -> AfterValidator:
    def check(pattern: str) -> str:
        if not pattern:
            return pattern
        missing = [group for group in groups if group not in re.compile(_compiles(pattern)).groupindex]
        if missing:
            raise ValueError(f"must capture (?P<{missing[0]}>...)")
        return pattern

    return AfterValidator(check)


Pattern = Annotated[str, AfterValidator(_compiles)]
_PatternWithMegabytes = Annotated[str, _captures("megabytes")]


class LogContract(BaseModel):
    """Patterns of the lines about the shared models, about memory, and about trouble.

    Lines that name a model instance may capture it as `id`; memory reports capture their number as `megabytes`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    asr_initializing: Pattern = re.escape("🔧 Initializing shared ASR model (first session)...")
    asr_initialized: Pattern = r"✅ Shared ASR model initialized \(ID: (?P<id>\d+)\)"
    asr_reusing: Pattern = r"♻️  Reusing existing shared ASR model \(ID: (?P<id>\d+)\)"
    tts_initializing: Pattern = re.escape("🔧 Initializing shared TTS engine (first session)...")
    tts_initialized: Pattern = r"✅ Shared TTS engine initialized \(ID: (?P<id>\d+)\)"
    tts_reusing: Pattern = r"♻️  Reusing existing shared TTS engine \(ID: (?P<id>\d+)\)"

    memory_healthy: _PatternWithMegabytes = r"Memory usage: (?P<megabytes>\d+(?:\.\d+)?)MB \(healthy\)"
    memory_warning: _PatternWithMegabytes = (
        r"Memory usage: (?P<megabytes>\d+(?:\.\d+)?)MB \(warning threshold\)"
    )
    memory_high: _PatternWithMegabytes = (
        r"High memory usage detected: (?P<megabytes>\d+(?:\.\d+)?)MB - forcing garbage collection"
    )
    trouble: tuple[Pattern, ...] = (
        r"Traceback \(most recent call last\)",
        "Task was destroyed but it is pending",
        "was never awaited",
        "Unclosed client session",
        r"(?i)\bleak(ed|s)?\b",
        "ResourceWarning",
        "Segmentation fault",
        "Fatal Python error",
        "terminate called",
    )
    trouble_levels: tuple[str, ...] = (
        "error",
        "critical",
        "fatal",
    )  # of lines whose level is known, in any case
    trouble_words: Pattern = r"\b(ERROR|CRITICAL|FATAL)\b"  # in lines whose level is not known
    # lines that are no trouble, whatever they say; LiveKit's own watchdog reads frames of a thread that runs on, and
    # trips over one that is gone ("'str' object has no attribute 'co_name'", loop_monitor.py of livekit-agents 1.x)
    tolerated: tuple[Pattern, ...] = (
        "^event loop watchdog failed$",
        "^livekit::rtc_engine.* data channel .* closed unexpectedly$",
        "^livekit::rtc_engine.* failed to negotiate the publisher: .* Called in wrong state: closed",
    )

    megabyte_bytes: int = Field(default=1_000_000, gt=0, description="what the agent means by MB")

    @classmethod
    def without_lines(cls) -> Self:
        """Make the contract of an agent none of whose lines are known."""
        patterns = {name: info.default for name, info in cls.model_fields.items()}
        return cls.model_validate(
            {name: type(of)() for name, of in patterns.items() if isinstance(of, str | tuple)}
        )

    @property
    def names_trouble(self) -> bool:
        """Whether the gate knows what trouble looks like in the agent's log."""
        return bool(self.trouble or self.trouble_levels or self.trouble_words)

    def model_patterns(self, engine: Engine) -> Mapping[LoadStep, str]:
        """Give the patterns of one engine's lines that the agent writes; none where its loads are not among them.

        A gate file that only empties the pattern of the load's beginning says that there are no such lines at all: one that
        keeps that of the load's end writes it down.
        """
        name = engine.lower()
        found: dict[LoadStep, str] = {step: getattr(self, f"{name}_{step}") for step in STEPS}
        end = f"{name}_initialized"
        if not found["initializing"] and found["initialized"] == type(self).model_fields[end].default:
            return {}
        found = {step: pattern for step, pattern in found.items() if pattern}
        return found if found.keys() & {"initializing", "initialized"} else {}

    @property
    def names_models(self) -> bool:
        """Whether the agent's log tells when its models are loaded."""
        return all(self.model_patterns(engine) for engine in ENGINES)

    @property
    def names_instances(self) -> bool:
        """Whether the line that ends a load says which instance it is, for both models."""
        ends = (self.model_patterns(engine).get("initialized", "") for engine in ENGINES)
        return all("id" in re.compile(end).groupindex for end in ends)

    @property
    def reports_memory(self) -> bool:
        """Whether the agent's log reports its memory."""
        return all((self.memory_healthy, self.memory_warning, self.memory_high))
