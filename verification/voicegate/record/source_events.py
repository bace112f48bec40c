"""What a static look at the agent's source found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Assignment:
    """One place in a source file that sets or deletes a watched name.

    `function` is the innermost function it is in, None at module (or class) level; `locks` are the expressions of the
    `with` statements around it inside that function, outermost first.
    """

    name: str
    line: int
    function: str | None
    sets_none: bool  # None is assigned, or the name is deleted
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a static look at one of the agent's source files found; `problem` says why nothing could be."""

    t: float
    path: str
    names: tuple[str, ...]  # the names that were looked for
    assignments: tuple[Assignment, ...] = ()
    problem: str | None = None
    kind: Literal["source"] = "source"
