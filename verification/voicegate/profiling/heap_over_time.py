"""What the recorded processes of each role held over the time of a run."""

from bisect import bisect_right
from collections.abc import Sequence

from voicegate.profiling.capture import Capture
from voicegate.profiling.rests import began_unix_s
from voicegate.record.events import Recording
from voicegate.report.timeline import Moment

STEP_S = 0.25


def heap_over_time(recording: Recording, captures: Sequence[Capture]) -> Sequence[Moment]:
    """Add up, at a steady pace, what was allocated; nothing when the recording's clock is unknown."""
    began = began_unix_s(recording)
    recorded = [one for one in captures if one.heap]
    if began is None or not recorded:
        return ()
    first = max(began, min(one.heap[0].unix_s for one in recorded))
    last = max(one.heap[-1].unix_s for one in recorded)
    times = [first + step * STEP_S for step in range(int((last - first) / STEP_S) + 1)]
    return [Moment(round(unix_s - began, 3), _by_role(recorded, unix_s)) for unix_s in times]


def _by_role(captures: Sequence[Capture], unix_s: float) -> dict[str, int]:
    by_role: dict[str, int] = {}
    for one in captures:
        if one.heap[0].unix_s <= unix_s <= one.heap[-1].unix_s:
            latest = one.heap[bisect_right(one.heap, unix_s, key=lambda sample: sample.unix_s) - 1]
            by_role[one.role] = by_role.get(one.role, 0) + latest.bytes
    return by_role
