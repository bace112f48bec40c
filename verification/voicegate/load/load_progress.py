"""How a load run goes, while it goes: what has happened so far, in one line."""

from dataclasses import dataclass, field
from statistics import median

from voicegate.measure.waits import wait_of
from voicegate.record.events import CallEvent, Event, Turn


@dataclass(slots=True)
class LoadProgress:
    """Counts the events that it takes; safe in one thread."""

    _up: set[str] = field(default_factory=set)
    _calls: set[str] = field(default_factory=set)
    _failed: set[str] = field(default_factory=set)
    _waits_s: list[float] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, Turn) and event.latency_s is not None:
            self._waits_s.append(wait_of(event))
        elif isinstance(event, CallEvent):
            self._count(event)

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
