"""What is simulated: an agent that is good, or broken in one way, for one criterion."""

from dataclasses import dataclass

from voicegate.simulate.runs import Maker


@dataclass(frozen=True, slots=True)
class Agent:
    """A simulated agent; `make` draws a recording of it.

    `criterion` is the short id of the criterion that must notice it, or pass it if it is `good`. `shown_only` marks what no criterion
    has to get right: runs on a machine that is not idle.
    """

    criterion: str
    kind: str
    what: str
    make: Maker
    good: bool = False
    shown_only: bool = False
