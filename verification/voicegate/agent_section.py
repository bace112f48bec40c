"""What a gate file says about the agent itself: how to start or find it, and how its log is read."""

import re
import sys
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from voicegate.expected_reply import GivenReply
from voicegate.gate_file import KeyProblem
from voicegate.log_contract import Pattern

LogSource = Literal["stdout", "file", "none"]

AGENT_KEYS = ("command", "pid", "pid_file", "running")
_ONLY_IF_STARTED = ("ready_pattern", "stop_timeout_s")
_ONLY_FOR_PROGRAMS = ("env", "working_directory")
_PARTS_OF_A_LINE = ("message", "level", "pid", "room")


def _takes_lines_apart(pattern: str) -> str:
    groups = set(re.compile(pattern).groupindex)
    if "message" not in groups:
        raise ValueError("must capture (?P<message>...), and may capture level, pid and room")
    if unknown := groups - set(_PARTS_OF_A_LINE):
        raise ValueError(
            f"captures {', '.join(sorted(unknown))}; known groups: {', '.join(_PARTS_OF_A_LINE)}"
        )
    return pattern


class Section(BaseModel):
    """One table of a gate file: it cannot be changed, and takes no keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AgentSection(Section):
    """How the agent is started, or found if it runs already; how its log is read and when it is ready.

    A file that is only used to judge recordings says none of that.
    """

    profile: str = "unknown"
    isolation: str = "unknown"
    command: tuple[str, ...] = Field(default=(), min_length=1)
    pid: int | None = Field(default=None, gt=0)
    pid_file: Path | None = None
    running: bool = False
    prepare: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    env: dict[str, str] = {}
    working_directory: Path | None = None
    log: LogSource | None = None
    log_file: Path | None = None
    ready_pattern: Pattern = "registered worker"
    ready_timeout_s: float = Field(default=60, gt=0)
    prepare_timeout_s: float = Field(default=900, gt=0)
    stop_timeout_s: float = Field(default=15, gt=0)
    agent_name: str | None = None
    weights_bytes: int | None = Field(default=None, gt=0)
    expected_reply: GivenReply | None = None
    fillers: tuple[str, ...] = ()
    spoken: Pattern = ""

    @property
    def named(self) -> bool:
        """Whether the file says how to start it, or how to find it."""
        return any(getattr(self, key) for key in AGENT_KEYS)

    @property
    def attached(self) -> bool:
        """Whether it runs already, and is neither started nor stopped by the gate."""
        return self.named and not self.command

    @property
    def watched(self) -> bool:
        """Whether its processes are known, so that its memory can be measured."""
        return not self.running

    @property
    def log_source(self) -> LogSource:
        """Where its log is read from: what a command writes, unless something else is said."""
        return self.log or ("none" if self.attached else "stdout")

    def expand(self, text: str) -> str:
        """Replace the placeholders {python}, {profile} and {isolation} in `text`."""
        values = {"{python}": sys.executable, "{profile}": self.profile, "{isolation}": self.isolation}
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        return text

    @model_validator(mode="after")
    def _check_the_way(self) -> Self:
        given = [key for key in AGENT_KEYS if getattr(self, key)]
        if len(given) > 1:
            raise KeyProblem(
                given[-1], f"give exactly one of {', '.join(AGENT_KEYS)}; found {' and '.join(given)}"
            )
        if not self.attached:
            return self
        useless = _ONLY_IF_STARTED if self.prepare else (*_ONLY_IF_STARTED, *_ONLY_FOR_PROGRAMS)
        for key in useless:
            if key in self.model_fields_set:
                raise KeyProblem(key, f"has no effect with {given[0]}: the gate does not start this agent")
        return self

    @model_validator(mode="after")
    def _check_the_log(self) -> Self:
        if self.log_source == "file" and self.log_file is None:
            raise KeyProblem("log_file", 'missing: log = "file" needs the file that is to be followed')
        if self.log_file is not None and self.log_source != "file":
            raise KeyProblem("log_file", f'needs log = "file"; log is "{self.log_source}"')
        if self.attached and self.log_source == "stdout":
            raise KeyProblem(
                "log",
                'the output of an agent that is already running cannot be read: expected "file" or "none"',
            )
        return self


class RoleRule(Section):
    """A process whose command line (and parent's) matches has this role."""

    role: Literal["main", "model-host", "job", "other"]
    command: Pattern
    parent: Pattern | None = None


class LogLines(Section):
    """How one line of the agent's log is taken apart: names of JSON fields, or groups of a text pattern.

    `level_names` says what the log's own levels mean, such as "50" for ERROR.
    """

    message: str = "message"
    level: str = "level"
    pid: str = "pid"
    room: str = "room"
    text: Annotated[Pattern, AfterValidator(_takes_lines_apart)] | None = None
    level_names: dict[str, str] = {}
