"""A made-up run as arrays, on which noise and faults are put in a few milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voicegate.measure.phases import CYCLE, spans
from voicegate.record.events import Left, MemorySample, ProcessMemory, Recording
from voicegate.simulate.kinds import Draw, Values
from voicegate.simulate.noise import Noise, following, lateness, steps

_IDLE_JOB_S = 3.5
_IDLE_JOB = 7, 13, 6  # its threads, open files and sockets
_SAMPLING_S = 0.05


@dataclass(frozen=True, slots=True)
class Kept:
    """What calls left behind, as counts by phase: processes of calls; threads, open files and sockets of the model host; temporary files."""

    jobs: Values
    threads: Values
    descriptors: Values
    sockets: Values
    files: Values


class Canvas:
    """The main run of a made-up run, or one of its variants.

    `calls_up` and `calls_made` are by phase: how many call, and how many have called by its end. `cycle` is the number of the cycle
    that a phase belongs to, 0 before the first.
    """

    def __init__(self, part: Recording) -> None:
        self.part = part
        self.spans = spans(part)
        self.t = np.array([sample.t for sample in part.memory])
        begins = [span.begin_t for span in self.spans]
        self.phase_of_sample: NDArray[np.intp] = np.searchsorted(begins, self.t, side="right") - 1
        self.calls_up = np.array([span.concurrent_calls for span in self.spans])
        self.calls_made = np.cumsum(self.calls_up)
        self.calls = int(self.calls_made[-1])
        self.cycle = np.cumsum([span.name.startswith(CYCLE) for span in self.spans])
        self.cycles = int(self.cycle[-1])

    def left_by_calls(self, by_call: Values) -> Values:
        """Sum, by phase, what each call leaves behind for good."""
        return _summed(by_call, self.calls_made)

    def while_up(self, by_call: Values) -> Values:
        """Sum, by phase, what the calls of that phase take."""
        return _summed(by_call, self.calls_made) - _summed(by_call, self.calls_made - self.calls_up)

    def left_by_cycles(self, by_cycle: Values) -> Values:
        """Sum, by phase, what each cycle leaves behind for good."""
        return _summed(by_cycle, self.cycle)

    def memory(
        self, draw: Draw, noise: Noise, extra_bytes: Values | None = None, kept: Kept | None = None
    ) -> tuple[MemorySample, ...]:
        """Take the samples again, with noise, late as on a real machine, and with `extra_bytes` by sample on top."""
        count = len(self.t)
        level = following(draw, noise.level_bytes, noise.level_follows, len(self.spans))[self.phase_of_sample]
        more = level + self._within(draw, noise) + (0.0 if extra_bytes is None else extra_bytes)
        late_s = lateness(draw, noise, count)
        ready = np.concatenate([[0.0], self.t[:-1] + late_s[:-1] + _SAMPLING_S])
        times = np.maximum.accumulate(np.maximum(self.t, ready))
        counts = self._counts(draw, noise, kept)
        return tuple(
            _sample(sample, t, _SAMPLING_S + late, round(by_bytes), numbers)
            for sample, t, late, by_bytes, numbers in zip(
                self.part.memory, times.tolist(), late_s.tolist(), more.tolist(), counts, strict=True
            )
        )

    def _within(self, draw: Draw, noise: Noise) -> Values:
        """Draw how far each sample is from the level of its phase."""
        walk = np.cumsum(steps(draw, noise, len(self.t)))
        begins = np.searchsorted(self.phase_of_sample, self.phase_of_sample)
        resting = walk - walk[begins]
        calling = noise.call_bytes * draw.normal(size=len(self.t))
        return np.where(self.calls_up[self.phase_of_sample] > 0, calling, resting)

    def _counts(self, draw: Draw, noise: Noise, kept: Kept | None) -> Sequence[tuple[int, ...]]:
        """Count, by sample, what there is more of: jobs, the host's threads, open files and sockets, and temporary files."""
        stretch = (self.t // _IDLE_JOB_S).astype(int)
        idle = draw.random(stretch[-1] + 1)[stretch] < noise.idle_job_chance
        jobs = (idle & (self.calls_up[self.phase_of_sample] == 0)).astype(float)
        none = np.zeros(len(self.spans))
        kept = kept or Kept(none, none, none, none, none)
        columns = (kept.jobs, kept.threads, kept.descriptors, kept.sockets, kept.files)
        jobs, *others = (
            more + by_phase[self.phase_of_sample]
            for more, by_phase in zip((jobs, 0, 0, 0, 0), columns, strict=True)
        )
        return list(zip(*(np.floor(values).astype(int).tolist() for values in (jobs, *others)), strict=True))


def _summed(values: Values, counts: NDArray[np.intp]) -> Values:
    """Sum the first values, as many as each of these counts says."""
    sums: Values = np.concatenate([[0.0], np.cumsum(values)])[counts]
    return sums


def _sample(
    sample: MemorySample, t: float, duration_s: float, by_bytes: int, more: Sequence[int]
) -> MemorySample:
    main, host, *others = sample.processes
    jobs, threads, descriptors, sockets, files = more
    changed = replace(
        host,
        pss_bytes=host.pss_bytes + by_bytes,
        uss_bytes=host.uss_bytes + by_bytes,
        rss_bytes=host.rss_bytes + by_bytes,
        threads=host.threads + threads,
        descriptors=host.descriptors + descriptors,
        sockets=(host.sockets or 0) + sockets,
    )
    idle = (ProcessMemory(900 + n, 10, "job", "python", 0, 0, 0, *_IDLE_JOB) for n in range(jobs))
    return replace(
        sample,
        t=t,
        duration_s=duration_s,
        processes=(main, changed, *others, *idle),
        temporary=Left((sample.temporary.count if sample.temporary else 0) + files),
    )
