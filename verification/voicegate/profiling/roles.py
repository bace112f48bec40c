"""What each role of the agent's processes holds, and what calls add to it, put together from captures and recording."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from voicegate.judge.fitting import theil_sen
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.caveats import NotMeasured
from voicegate.measure.phases import last_t
from voicegate.profiling.allocation_profile import GrowthResult, Place, ProcessResult, Profile, RoleResult
from voicegate.profiling.capture import Capture, together
from voicegate.profiling.rests import Rest, rests, settled, stretch_of_growth
from voicegate.record.events import Recording

_MOST_PLACES = 8
_LEAST_SHARE = 0.002
_TORN = "its process did not end it: it was killed, or could not write. What was written until then counts"


def make_profile(recording: Recording, captures: Sequence[Capture | ProcessResult]) -> Profile:
    """Put together what the captures of a run hold, by role, in the light of its calls."""
    header, end, calls = recording.header, recording.end, _calls(recording)
    good = [one for one in captures if isinstance(one, Capture)]
    took, found = calls_by_pid(recording), rests(recording)
    roles = [_role([one for one in good if one.role == name], found, took) for name in {c.role for c in good}]
    return Profile(
        started_at=header.started_at,
        duration_s=round(last_t(recording), 3),
        outcome="cut off" if end is None else end.outcome,
        profile=header.profile,
        isolation=header.isolation,
        agent_command=header.agent_command,
        calls=len(calls),
        failed_calls=sum(call.failure is not None for call in calls),
        roles=tuple(sorted(roles, key=lambda role: (-role.peak_bytes, role.role))),
        unreadable=tuple(one for one in captures if isinstance(one, ProcessResult)),
        environment=header.environment,
    )


def calls_by_pid(recording: Recording) -> Mapping[int, int]:
    """Count the rooms that each process names in its log lines; empty where the log tells no rooms or processes."""
    named = {(line.pid, line.room) for line in recording.log if line.pid is not None and line.room}
    return Counter(pid for pid, _ in named if pid is not None)


def _calls(recording: Recording) -> Sequence[Call]:
    try:
        return calls_in_order(recording)
    except NotMeasured:
        return ()


def _role(captures: Sequence[Capture], found: Sequence[Rest], took: Mapping[int, int]) -> RoleResult:
    lasting = _lasting(captures, found, took)
    if lasting is not None:
        return _lasting_role(lasting, captures, found, took)
    counted = [one for one in captures if took.get(one.pid)] or list(captures)
    return RoleResult(
        role=captures[0].role,
        lasting=False,
        counted=len(counted),
        calls=sum(took.get(one.pid, 0) for one in counted),
        processes=tuple(_process(one, took) for one in captures),
        peak_bytes=fmean(one.peak_bytes for one in counted),
        end_bytes=fmean(one.end_bytes for one in counted),
        at_peak=_results(together(_every(one.at_peak for one in counted)), len(counted)),
        at_end=_results(together(_every(one.at_end for one in counted)), len(counted)),
        shown_capture=max(counted, key=lambda one: one.peak_bytes).file,
    )


def _lasting(captures: Sequence[Capture], found: Sequence[Rest], took: Mapping[int, int]) -> Capture | None:
    """Find the process of a role that outlives calls; None where each call has a process of its own.

    Where the log tells, no process with more than one call means that each has its own; else a process that was there
    over the whole stretch outlives calls.
    """
    if max((took.get(one.pid, 0) for one in captures), default=0) == 1:
        return None
    growth = stretch_of_growth(found)
    ends = () if growth is None else growth[0]
    covering = [one for one in captures if all(one.heap_at(unix_s) is not None for unix_s in ends)]
    if not covering or (growth is None and len(captures) > 1):
        return None
    return max(covering, key=lambda one: one.peak_bytes)


def _lasting_role(
    shown: Capture, captures: Sequence[Capture], found: Sequence[Rest], took: Mapping[int, int]
) -> RoleResult:
    growth = stretch_of_growth(found)
    calls = 0 if growth is None else growth[1]
    before_calls = [rest for rest in found if rest.calls == 0][-1:]
    after_first = [rest for rest in found if rest.calls > 0][:1]
    return RoleResult(
        role=shown.role,
        lasting=True,
        counted=1,
        calls=calls,
        processes=tuple(_process(one, took) for one in captures),
        peak_bytes=shown.peak_bytes,
        end_bytes=shown.end_bytes,
        first_call_bytes=_difference(shown, before_calls, after_first),
        warm_up_bytes=_difference(shown, after_first, settled(found)[:1]),
        growth=_growth(shown, found),
        at_peak=_results(shown.at_peak),
        grown=_results(shown.grown or (), max(1, calls)),
        at_end=_results(shown.at_end),
        shown_capture=shown.file,
    )


def _difference(capture: Capture, before: Sequence[Rest], after: Sequence[Rest]) -> float | None:
    """Tell how much more was held at the one rest than at the other; None where one of them is missing."""
    levels = [capture.heap_at(rest.end_unix_s) for rest in (*before, *after)]
    if len(levels) < 2 or levels[0] is None or levels[1] is None:
        return None
    return levels[1] - levels[0]


def _growth(capture: Capture, found: Sequence[Rest]) -> GrowthResult | None:
    late = _levels(capture, settled(found))
    if len({calls for calls, _ in late}) < 2:
        return None
    trend = theil_sen([calls for calls, _ in late], [level for _, level in late])
    levels = tuple(_levels(capture, [rest for rest in found if rest.calls > 0]))
    return GrowthResult(bytes_per_call=trend.slope, low=trend.low, high=trend.high, levels=levels)


def _levels(capture: Capture, found: Sequence[Rest]) -> Sequence[tuple[int, float]]:
    levels = [(rest.calls, capture.heap_at(rest.end_unix_s)) for rest in found]
    return [(calls, level) for calls, level in levels if level is not None]


def _process(capture: Capture, took: Mapping[int, int]) -> ProcessResult:
    return ProcessResult(
        file=capture.file,
        pid=capture.pid,
        calls=took.get(capture.pid, 0),
        peak_bytes=capture.peak_bytes,
        end_bytes=capture.end_bytes,
        size_bytes=capture.size_bytes,
        problem=None if capture.whole else _TORN,
    )


def _every(groups: Iterable[Sequence[Place]]) -> Iterable[Place]:
    return (place for group in groups for place in group)


def _results(places: Sequence[Place], share: int = 1) -> tuple[Place, ...]:
    """Take the largest places, of which one process, or one call, has a share; what hardly counts is left out."""
    least_bytes = _LEAST_SHARE * sum(place.bytes for place in places)
    largest = [place for place in places[:_MOST_PLACES] if place.bytes >= least_bytes]
    return tuple(Place(one.stack, one.bytes / share, one.allocations / share) for one in largest)
