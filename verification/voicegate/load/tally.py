"""How a load run goes, while it goes: what has happened so far, in one line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from voicegate.record.events import CallEvent, Event, Turn


@dataclass(slots=True)
class Tally:
    """Counts the events that pass through `emit`; safe in one thread."""

    pass_on: Callable[[Event], None]
    _up: set[str] = field(default_factory=set)
    _calls: set[str] = field(default_factory=set)
    _failed: set[str] = field(default_factory=set)
    _waits_s: list[float] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Count an event and pass it on."""
        if isinstance(event, Turn) and event.latency_s is not None:
            self._waits_s.append(event.latency_s)
        elif isinstance(event, CallEvent):
            self._count(event)
        self.pass_on(event)

    def __str__(self) -> str:
        wait = f", median wait {median(self._waits_s):.2f} s" if self._waits_s else ""
        return (
            f"{len(self._up)} in a call; so far {len(self._calls)} calls,"
            f" {len(self._waits_s)} answered turns{wait}, {len(self._failed)} calls failed"
        )

    def _count(self, event: CallEvent) -> None:
        self._calls.add(event.call)
        if event.step == "joined":
            self._up.add(event.call)
        if event.step in ("hung_up", "failed"):
            self._up.discard(event.call)
        if event.step == "failed" and event.fault != "run":
            self._failed.add(event.call)
