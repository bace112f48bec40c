"""The rests of a run, in which nobody calls: where what calls leave behind can be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from verification.judge.calls import calls_in_order
from verification.judge.criterion import NotMeasured
from verification.judge.spans import spans
from verification.profiling.capture import Stretch
from verification.record.events import Recording


@dataclass(frozen=True, slots=True)
class Rest:
    """The end of a phase without calls, and how many calls went before it."""

    phase: str
    end_unix_s: float
    calls: int


def began_unix_s(recording: Recording) -> float | None:
    """Tell the Unix time at which the recording's clock stood at 0; None where it was not noted."""
    began = recording.header.environment.get("began_unix_s")
    return float(began) if isinstance(began, int | float) else None


def rests(recording: Recording) -> tuple[Rest, ...]:
    """List the rests that ended, in order; none when nobody called, or the recording's clock is unknown."""
    began = began_unix_s(recording)
    if began is None:
        return ()
    try:
        calls = calls_in_order(recording)
    except NotMeasured:
        return ()
    return tuple(
        Rest(span.name, began + span.end_t, sum(call.dialed_t < span.end_t for call in calls))
        for span in spans(recording)
        if span.concurrent_calls == 0 and span.end_t is not None
    )


def stretch_of_growth(found: Sequence[Rest]) -> tuple[Stretch, int] | None:
    """Choose the stretch from the rest after the first call to the last, and count the calls in it.

    The first call loads what all share. None when there are no further calls, or no rest after them.
    """
    after = [rest for rest in found if rest.calls > 0]
    if not after or after[-1].calls == after[0].calls:
        return None
    return (after[0].end_unix_s, after[-1].end_unix_s), after[-1].calls - after[0].calls
