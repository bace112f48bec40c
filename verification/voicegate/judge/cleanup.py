"""G7: when everybody has left, processes, what they hold and what outlives them, and rooms are back at their first level.

The first level is that after the first call: the models are loaded and the pools are warm. Of the last rest the lowest stretch counts: a
pool that keeps one idle job more for a while comes back, what calls leave behind does not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, Need, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, Status, counted
from voicegate.limits import SettledLimits
from voicegate.measure.calls import calls_in_order, every_call
from voicegate.measure.memory_levels import SETTLED_SAMPLES, restless, samples_between, sampling_advice
from voicegate.measure.phases import (
    AFTER_FIRST,
    LATER_CALL,
    Span,
    every_span,
    finished_span,
    missing_part,
    phase,
)
from voicegate.record.events import Left, MemorySample, ProcessMemory, Recording, Rooms
from voicegate.record.traces import MOST_FILES

_RESTS = 3
_ROOMS_SINCE = 2  # version of recordings that look at sockets and rooms


class Limits(SettledLimits):
    """What may be there in the end that was not there after the first call."""

    cleanup_threads: int = Field(
        default=8, ge=0, description="how many more threads there may be at the end; pools fill up slowly"
    )
    cleanup_descriptors: int = Field(default=8, ge=0, description="likewise, open files")
    cleanup_sockets: int = Field(default=4, ge=0, description="likewise, open sockets")
    cleanup_leftovers: int = Field(
        default=4,
        ge=0,
        description="likewise, of each kind that outlives processes: zombies, temporary files, shared memory",
    )
    cleanup_room_s: float = Field(
        default=25, ge=0, description="how long a room may stay after its call; LiveKit keeps it for 20 s"
    )


@dataclass(frozen=True, slots=True)
class _Resource:
    """Something a call takes and must give back; `seen` says how much of it a sample shows, None if that was not looked at.

    `since` is the version of recordings that always look at it, None where no version does. What outlives processes has names: `left`.
    """

    name: str
    seen: Callable[[MemorySample], int | None]
    allowed: Callable[[Limits], int]
    since: int | None = 1
    left: Callable[[MemorySample], Left | None] | None = None

    def count(self, sample: MemorySample) -> int:
        """Count it where it was looked at."""
        return self.seen(sample) or 0

    def is_full(self, window: Sequence[MemorySample]) -> bool:
        """Whether there was more from the beginning than is counted: nobody can see then that more is left."""
        return self.since is None and any(self.count(sample) >= MOST_FILES for sample in window)

    def is_known(self, windows: Iterable[Sequence[MemorySample]]) -> bool:
        """Whether every sample of these windows shows it."""
        return all(self.seen(sample) is not None for window in windows for sample in window)


def _in_all(count: Callable[[ProcessMemory], int | None]) -> Callable[[MemorySample], int | None]:
    def seen(sample: MemorySample) -> int | None:
        counts = [count(process) for process in sample.processes]
        return None if None in counts else sum(filter(None, counts))

    return seen


def _outliving(name: str, since: int | None, left: Callable[[MemorySample], Left | None]) -> _Resource:
    """Make a resource of what no process holds any more."""

    def seen(sample: MemorySample) -> int | None:
        found = left(sample)
        return None if found is None else found.count

    return _Resource(name, seen, lambda limits: limits.cleanup_leftovers, since, left)


# No process may stay: unlike threads and open files, no library keeps one for later calls.
_RESOURCES = (
    _Resource("job processes", _in_all(lambda one: one.role == "job"), lambda _: 0),
    _Resource("processes", _in_all(lambda _: 1), lambda _: 0),
    _Resource("threads", _in_all(lambda one: one.threads), lambda limits: limits.cleanup_threads),
    _Resource("open files", _in_all(lambda one: one.descriptors), lambda limits: limits.cleanup_descriptors),
    _Resource("sockets", _in_all(lambda one: one.sockets), lambda limits: limits.cleanup_sockets, 2),
    _outliving("zombies", 9, lambda sample: sample.zombies),
    _outliving("shared memory", 9, lambda sample: sample.shared),
    _outliving("temporary files", None, lambda sample: sample.temporary),
)


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare what the tree holds in the last phase without calls with what it held after the first call."""
    first, rests = finished_span(recording, AFTER_FIRST), _last_rests(recording)
    before = _window(recording, first, rules.limits)
    afters = [_window(recording, span, rules.limits) for span in rests]
    last = rests[-1]
    stretches = _stretches(recording, last, rules.limits)
    found = [one for one in _RESOURCES if one.is_known((before, *afters)) and not one.is_full(before)]
    lowest = {one: min(stretches, key=lambda window: _typical_and_most(one, window)) for one in found}
    measured = {one: _growth(one, before, lowest[one], rules.limits) for one in found}
    unsure = [lowest[one] for one, growth in measured.items() if growth.status is not Status.PASS]
    left = _last_rooms(recording, last)
    unseen = _unseen(recording, found, left)
    return Conclusion(
        measurements=(*measured.values(), *([] if left is None else [_rooms(recording, left, rules.limits)])),
        evidence=(
            *(_describe(one, (first, *rests), (before, *afters)) for one in found),
            *(
                _names(one, before[-1], lowest[one][-1])
                for one, more in measured.items()
                if one.left and more.value > 0
            ),
            *((f"still open at the end: {', '.join(left.names)}",) if left and left.names else ()),
        ),
        stability=_steadiness(found, (before, *afters))
        + (f"; not looked at: {', '.join(unseen)}" if unseen else ""),
        caveats=(
            *_hidden(recording, first),
            *(_not_looked_at(recording, last, what) for what, is_owed in unseen.items() if is_owed),
        ),
        met=f"back at the level after the first call, {last.end_t or 0:.0f} s into the run",
        restless=_restless((first, before), *((last, window) for window in unsure)),
    )


judge = Criterion(
    id="G7-cleanup",
    title="calls leave nothing behind",
    question="Is everything that a call opened gone when everybody has left?",
    passes="when everybody has left, processes, threads, open files, sockets, temporary files and rooms are back where they were",
    how=(
        "The last phase without calls, once the rooms of all calls (also those from a web page) are gone, is "
        "compared with the phase after the "
        "first call, once its room is gone. In its lowest stretch there may be no more processes, a few "
        "more threads, open files and sockets (pools fill up slowly), and no room whose call ended long "
        "ago; LiveKit keeps an empty room for 20 s. The same holds for what outlives processes: zombies "
        "(children that ended and that nobody collected), shared memory in `/dev/shm` that the agent "
        "opened, and temporary files. To see those files, the gate gives the agent a folder of its own "
        "(`TMPDIR`); they are not counted if the gate did not start the agent, or if the agent sets "
        "`TMPDIR` itself."
    ),
    formula="more = median in the last rest - median after the first call",
    when_it_fails="close what the call opened when its caller leaves: the process, its sockets, its tasks and threads",
    limits=Limits,
    measure=measure,
    owes=tuple(f"{one.name} more than after the first call" for one in _RESOURCES if one.since == 1),
    needs=(Need.PROCESSES, Need.FIRST_CALL),
    parts=(phase(AFTER_FIRST), LATER_CALL),
    answered=every_call,
)


def _unseen(recording: Recording, found: Sequence[_Resource], left: Rooms | None) -> dict[str, bool]:
    """Name what was not looked at, with whether recordings of this version owe it."""
    version = recording.header.version
    unseen = {one.name: version >= (one.since or version + 1) for one in _RESOURCES if one not in found}
    return unseen if left is not None else {**unseen, "rooms": version >= _ROOMS_SINCE}


def _not_looked_at(recording: Recording, last: Span, what: str) -> Caveat:
    """Return a caveat for each kind of leftover that could not be counted."""
    if what == "rooms":
        advice = "see in livekit-server.log why it did not list its rooms; a given server must let its key list them"
        return Caveat("the rooms were not listed at the end", advice)
    return Caveat(
        f"the {what} of the agent's processes were not looked at",
        sampling_advice(recording, last.begin_t, last.until_t),
    )


def _restless(*windows: tuple[Span, Sequence[MemorySample]]) -> tuple[str, ...]:
    """Say once what came or went in these windows of phases."""
    said = (restless(window, span.end_t or span.begin_t, span.name) for span, window in windows)
    return tuple(dict.fromkeys(chain.from_iterable(said)))


def _last_rests(recording: Recording) -> Sequence[Span]:
    """Find the last phases without calls, which must come after further calls; those before the last are for comparison."""
    found = [span for span in every_span(recording) if span.end_t is not None]
    later = [place for place, span in enumerate(found) if span.concurrent_calls > 0][1:]
    if not later:
        raise missing_part(recording, LATER_CALL.name)
    rests = [span for span in found[later[0] :] if span.concurrent_calls == 0]
    if not rests:
        raise missing_part(recording, "phase without calls after the last one")
    return rests[-_RESTS:]


def _window(recording: Recording, span: Span, limits: Limits) -> Sequence[MemorySample]:
    """Take the samples at the end of a phase that ended."""
    end_t = span.end_t or span.begin_t
    window = samples_between(recording, max(span.begin_t, end_t - limits.settled_window_s), end_t)
    if len(window) < SETTLED_SAMPLES:
        reason = f"{len(window)} complete samples of the process tree at the end of phase {span.name}"
        advice = sampling_advice(recording, end_t - limits.settled_window_s, end_t)
        raise NotMeasured(reason, advice)
    return window


def _stretches(recording: Recording, span: Span, limits: Limits) -> Sequence[Sequence[MemorySample]]:
    """Cut a phase into stretches as long as a settled window, from its end on; the last one is always there."""
    stretches = [_window(recording, span, limits)]
    end_t = (span.end_t or span.begin_t) - limits.settled_window_s
    while end_t - limits.settled_window_s >= span.begin_t:
        stretch = samples_between(recording, end_t - limits.settled_window_s, end_t)
        if len(stretch) >= SETTLED_SAMPLES:
            stretches.append(stretch)
        end_t -= limits.settled_window_s
    return stretches


def _typical_and_most(resource: _Resource, window: Sequence[MemorySample]) -> tuple[float, int]:
    """Tell which stretch is the lowest: of those with the same median, one in which nothing came or went."""
    counts = [resource.count(sample) for sample in window]
    return median(counts), max(counts)


def _names(resource: _Resource, first: MemorySample, last: MemorySample) -> str:
    """Name the newest of what is left of something that outlives processes, but for what was there at first."""
    before, after = (resource.left(one) if resource.left else None for one in (first, last))
    names = [name for name in (after.names if after else ()) if before is None or name not in before.names]
    others = resource.count(last) - len(names)
    return f"{resource.name} in the end: {', '.join(names)}{f' and {others} more' if others > 0 else ''}"


def _growth(
    resource: _Resource, before: Sequence[MemorySample], after: Sequence[MemorySample], limits: Limits
) -> Measurement:
    old, new = (sorted(map(resource.count, window)) for window in (before, after))
    return Measurement(
        f"{resource.name} more than after the first call",
        median(new) - median(old),
        "count",
        "process tree",
        Bound(Side.AT_MOST, resource.allowed(limits)),
        samples=len(before) + len(after),
        window_s=limits.settled_window_s,
        low=new[0] - old[-1],
        high=new[-1] - old[0],
    )


def _last_rooms(recording: Recording, last: Span) -> Rooms | None:
    """Find the last look at the rooms in a phase or after it, before anybody dials again."""
    dialed = [event.t for event in recording.calls if event.step == "dialed" and event.t > last.begin_t]
    until_t = min(dialed, default=float("inf"))
    return next((one for one in reversed(recording.rooms) if last.begin_t <= one.t <= until_t), None)


def _rooms(recording: Recording, left: Rooms, limits: Limits) -> Measurement:
    """Count the rooms that are open in the end and were not before anybody called, but for those of fresh departures."""
    since_t = left.t - limits.cleanup_room_s
    fresh = {call.room for call in calls_in_order(recording) if call.left_t is None or call.left_t > since_t}
    stayed = len(_open(recording, left) - fresh)
    return counted("rooms left open", stayed, 0, "LiveKit server", len(recording.rooms))


def _hidden(recording: Recording, first: Span) -> tuple[Caveat, ...]:
    """Return a caveat if the first level still holds the job of the first call, because its room was open."""
    left = _last_rooms(recording, first)
    if left is None or not _open(recording, left):
        return ()
    reason = (
        "the room of the first call was open until the end of the rest after it: its job is part of the first level, and may hide what "
        "a later call leaves behind"
    )
    advice = "delete the room when its caller leaves, or set departure_timeout_s of [livekit], or of your own server, to 20 or less"
    return (Caveat(reason, advice),)


def _open(recording: Recording, left: Rooms) -> set[str]:
    """Name the rooms that are open and were not before anybody called."""
    first_t = calls_in_order(recording)[0].dialed_t
    return set(left.names) - {name for one in recording.rooms if one.t < first_t for name in one.names}


def _describe(resource: _Resource, phases: Sequence[Span], windows: Sequence[Sequence[MemorySample]]) -> str:
    counts = (
        f"{median(map(resource.count, window)):g} in {span.name}"
        for span, window in zip(phases, windows, strict=True)
    )
    return f"{resource.name}: {', '.join(counts)}"


def _steadiness(found: Sequence[_Resource], windows: Sequence[Sequence[MemorySample]]) -> str:
    """Say whether anything still came or went while it was counted."""
    spreads = {one.name: max(_spread(one, window) for window in windows) for one in found}
    moved = [f"{name} by {spread}" for name, spread in spreads.items() if spread]
    samples = f"{sum(map(len, windows))} samples in {len(windows)} rests"
    return f"{samples}, moved within them: {', '.join(moved)}" if moved else f"equal in all of {samples}"


def _spread(resource: _Resource, window: Sequence[MemorySample]) -> int:
    counts = [resource.count(sample) for sample in window]
    return max(counts) - min(counts)
