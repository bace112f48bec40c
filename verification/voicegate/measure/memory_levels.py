"""Memory of the agent's process tree: the settled level of a phase, its peak, and the level at one time.

A tree's memory is the sum of its processes' proportional set sizes (PSS), which counts shared pages once.
Samples in which a living process could not be read are left out.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from voicegate.limits import SettledLimits
from voicegate.measure.caveats import Caveat, NotMeasured
from voicegate.measure.phases import Span, finished_span
from voicegate.measure.processor_usage import late_advice
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording

METRIC = "tree PSS"
UNSEEN_S = 2.0
"""Between two samples further apart than this a peak may hide."""
SETTLED_SAMPLES = 3
"""Complete samples that a level needs: with two, neither is the outlier."""
RESTLESS_ADVICE = (
    "let no process come or go while memory is measured: a rest waits for them, but for 10 s at most, so a job must end soon after its "
    "call, or only after the rest ([livekit] departure_timeout_s)"
)
_LEAST_SEEN = 0.8
_UNREADABLE_ADVICE = (
    "the memory of a process could not be read: run the gate as the agent's user or as root, and in the same container; "
    "it reads /proc/PID/smaps_rollup"
)


def tree_pss(sample: MemorySample) -> int:
    """Sum the PSS of all processes of a sample, in bytes."""
    return sum(process.pss_bytes for process in sample.processes)


def pss_by_role(sample: MemorySample) -> dict[str, int]:
    """Sum the PSS of the processes of each role, in bytes."""
    by_role: dict[str, int] = {}
    for process in sample.processes:
        by_role[process.role] = by_role.get(process.role, 0) + process.pss_bytes
    return by_role


def tree_uss(sample: MemorySample) -> int:
    """Sum the unique memory of all processes of a sample, in bytes."""
    return sum(process.uss_bytes for process in sample.processes)


def tree_rss(sample: MemorySample) -> int:
    """Sum the RSS of all processes of a sample, in bytes; counts shared pages once per process."""
    return sum(process.rss_bytes for process in sample.processes)


@dataclass(frozen=True, slots=True)
class Level:
    """Settled memory at the end of a phase: medians in bytes, and the range of PSS in the window.

    `processes` are the most that ran in the window. `restless` says which came or went within it, as sentences; empty where it was
    settled in this respect.
    """

    phase: str
    begin_t: float
    end_t: float
    concurrent_calls: int
    pss_bytes: float
    low_bytes: float
    high_bytes: float
    uss_bytes: float
    rss_bytes: float
    samples: int
    window_s: float
    processes: int = 0
    restless: tuple[str, ...] = ()

    @property
    def spread_bytes(self) -> float:
        """Range of PSS within the window."""
        return self.high_bytes - self.low_bytes

    def above(self, other: "Level") -> tuple[float, float, float]:
        """By how many bytes it is higher than another level: at least, typically and at most, as both windows allow."""
        return (
            self.low_bytes - other.high_bytes,
            self.pss_bytes - other.pss_bytes,
            self.high_bytes - other.low_bytes,
        )

    def describe(self) -> str:
        """One line with the three metrics."""
        return (
            f"{self.phase} ({self.concurrent_calls} calls): PSS {format_bytes(self.pss_bytes)}"
            f" ± {format_bytes(self.spread_bytes / 2)}, USS {format_bytes(self.uss_bytes)},"
            f" RSS {format_bytes(self.rss_bytes)}"
        )


def samples_between(recording: Recording, begin_t: float, end_t: float) -> Sequence[MemorySample]:
    """Find the complete samples taken wholly within a stretch of time."""
    first = bisect_left(recording.memory, begin_t, key=lambda sample: sample.t)
    last = bisect_right(recording.memory, end_t, key=lambda sample: sample.t)
    return [
        sample
        for sample in recording.memory[first:last]
        if sample.complete and sample.processes and sample.t + sample.duration_s <= end_t
    ]


def sampling_advice(recording: Recording, begin_t: float, end_t: float) -> str:
    """Say what to do about a stretch with too few complete samples: a process could not be read, or the samples came late."""
    unreadable = any(begin_t <= sample.t <= end_t and not sample.complete for sample in recording.memory)
    if unreadable or not recording.memory:
        return _UNREADABLE_ADVICE
    return late_advice(recording, begin_t, end_t)


def hardly_seen(recording: Recording, where: str, begin_t: float, end_t: float) -> tuple[Caveat, ...]:
    """Return a caveat on a peak if complete samples leave more than a fifth of the time unseen; `where` says of what time."""
    times = [begin_t, *(sample.t for sample in samples_between(recording, begin_t, end_t)), end_t]
    unseen_s = sum(max(0.0, after - before - UNSEEN_S) for before, after in pairwise(times))
    seen = 1 - unseen_s / max(end_t - begin_t, 1e-9)
    if seen >= _LEAST_SEEN:
        return ()
    reason = f"memory samples show {seen:.0%} of {where}; needed: {_LEAST_SEEN:.0%}"
    return (Caveat(reason, sampling_advice(recording, begin_t, end_t)),)


def advice_for(recording: Recording, span: Span) -> str:
    """Say what to do about a phase whose memory is not known well enough."""
    return sampling_advice(recording, span.begin_t, span.until_t)


def level_of(recording: Recording, span: Span, limits: SettledLimits) -> Level | None:
    """Take the settled level of a phase that ended; None if it did not, or has too few samples in its window."""
    if span.end_t is None:
        return None
    begin_t = max(span.begin_t, span.end_t - limits.settled_window_s)
    return level_between(recording, span, begin_t, span.end_t)


def levels_of(recording: Recording, found: Iterable[Span], limits: SettledLimits) -> list[Level]:
    """List the settled levels of phases, without those that have none."""
    return [level for span in found if (level := level_of(recording, span, limits))]


def level_between(recording: Recording, span: Span, begin_t: float, end_t: float) -> Level | None:
    """Take the level of a stretch of a phase; None if it has too few samples."""
    window = samples_between(recording, begin_t, end_t)
    if len(window) < SETTLED_SAMPLES:
        return None
    pss = [tree_pss(sample) for sample in window]
    return Level(
        phase=span.name,
        begin_t=begin_t,
        end_t=end_t,
        concurrent_calls=span.concurrent_calls,
        pss_bytes=median(pss),
        low_bytes=min(pss),
        high_bytes=max(pss),
        uss_bytes=median(map(tree_uss, window)),
        rss_bytes=median(map(tree_rss, window)),
        samples=len(window),
        window_s=end_t - begin_t,
        processes=max(len(sample.processes) for sample in window),
        restless=restless(window, end_t, span.name),
    )


def restless(window: Sequence[MemorySample], end_t: float, phase: str) -> tuple[str, ...]:
    """Say which processes came or went between the samples of a window that ends at this time, in a phase of this name."""
    if len({tuple(process.pid for process in sample.processes) for sample in window}) == 1:
        return ()
    found = []
    for before, after in pairwise(window):
        old, new = ({process.pid: process for process in sample.processes} for sample in (before, after))
        moved = [
            *((old[pid].role, "ended") for pid in old.keys() - new.keys()),
            *((new[pid].role, "began") for pid in new.keys() - old.keys()),
        ]
        for (role, did), count in sorted(Counter(moved).items()):
            what = f"{count} {role} {'process' if count == 1 else 'processes'} {did}"
            found.append(f"{what} {end_t - after.t:.1f} s before the end of {phase}")
    return tuple(found)


def settled_level(recording: Recording, phase: str, limits: SettledLimits) -> Level:
    """Take the settled level of the phase of this name; raises NotRun or NotMeasured when there is none."""
    span = finished_span(recording, phase)
    level = level_of(recording, span, limits)
    if level is None:
        end_t = span.end_t or span.begin_t
        reason = (
            f"fewer than {SETTLED_SAMPLES} complete memory samples in the last"
            f" {limits.settled_window_s:g} s of phase {phase}"
        )
        advice = sampling_advice(recording, end_t - limits.settled_window_s, end_t)
        raise NotMeasured(reason, advice)
    return level


def steadiness(levels: Sequence[Level]) -> str:
    """Say how much memory still moved inside the windows in which it was taken as settled."""
    worst = max(levels, key=lambda level: level.spread_bytes)
    return (
        f"PSS moved by at most {format_bytes(worst.spread_bytes)} inside a settled window ({worst.phase});"
        f" median over {len(levels)} windows {format_bytes(median(level.spread_bytes for level in levels))}"
    )
