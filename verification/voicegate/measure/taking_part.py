"""Whether the watched processes took part in the calls: those of a client of something elsewhere do not.

`docker run`, `ssh` and launchers start an agent whose processes are not below them. Their memory would be measured in place of
the agent's, and be small and steady. Whoever takes part in a call has sockets for it, and codes and decodes sound.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from voicegate.measure.caveats import Caveat
from voicegate.record.events import GONE, CallEvent, MemorySample, Recording

_ADVICE = (
    "let the gate watch the agent's own processes: give its `pid` or `pid_file` if it runs on this machine; "
    "else `running = true`, which judges all but memory and processes"
)

_IDLE_CORES = 0.005  # sound alone takes a stock agent 0.1 cores and more for each call
_SHORTEST_S = 5.0
_FEWEST_SAMPLES = 3


def elsewhere(recording: Recording) -> tuple[Caveat, ...]:
    """Return a caveat if the watched processes took no part in the calls; none if they did, or if that is unknown."""
    up = _calls_up(recording.calls)
    during = [sample for sample in recording.memory if up(sample.t)]
    watched = [process for sample in during for process in sample.processes]
    if len(during) < _FEWEST_SAMPLES or not watched:
        return ()
    who = f"the watched processes ({', '.join(sorted({process.name for process in watched}))})"
    counts = [process.call_sockets for process in watched]
    if None not in counts and not any(counts):
        reason = f"{who} had no UDP socket and no connection to the LiveKit server in any call"
        return (Caveat(f"{reason}: the agent is elsewhere", _ADVICE),)
    cores, for_s = _cores_per_call(recording.memory, up)
    if cores is not None and cores < _IDLE_CORES and for_s >= _SHORTEST_S:
        reason = f"{who} used {cores:.4f} cores for each call, too little for its sound"
        return (Caveat(f"{reason}: the agent is elsewhere", _ADVICE),)
    return ()


def _calls_up(events: Iterable[CallEvent]) -> Callable[[float], int]:
    """Make a function that counts the calls that agents were in at a time."""
    begins: dict[str, float] = {}
    ends: dict[str, float] = {}
    for event in sorted(events, key=lambda event: event.t):
        if event.step in ("agent_joined", "agent_audio"):
            begins.setdefault(event.call, event.t)
        elif event.step in (*GONE, "agent_left", "failed"):
            ends.setdefault(event.call, event.t)
    steps = sorted(
        [*((t, 1) for t in begins.values()), *((t, -1) for call, t in ends.items() if call in begins)]
    )
    times, counts = [t for t, _ in steps], [0, *accumulate(change for _, change in steps)]
    return lambda t: counts[bisect_right(times, t)]


def _cores_per_call(
    samples: Sequence[MemorySample], up: Callable[[float], int]
) -> tuple[float | None, float]:
    """Tell the processor time of the tree per second of a call, None where it was not read, and how many such seconds."""
    used_s = for_s = 0.0
    for before, after in pairwise(samples):
        if not (up(before.t) and up(after.t)):
            continue
        known_s = {process.pid: process.cpu_s for process in before.processes}
        for process in after.processes:
            if process.cpu_s is None:
                return None, 0.0
            used_s += max(0.0, process.cpu_s - (known_s.get(process.pid) or 0.0))
        for_s += (after.t - before.t) * min(up(before.t), up(after.t))
    return (used_s / for_s if for_s else None), for_s
