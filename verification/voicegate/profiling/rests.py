"""The rests of a run, in which nobody calls: where what calls leave behind can be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicegate.measure.calls import calls_in_order
from voicegate.measure.caveats import NotMeasured
from voicegate.measure.phases import spans
from voicegate.profiling.capture import Stretch
from voicegate.record.events import Recording


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


def settled(found: Sequence[Rest]) -> Sequence[Rest]:
    """Choose the rests by whose time at least half of the calls were made.

    The first call loads what all share, and the next ones still fill pools and caches; what grows from then on is growth.
    """
    most = max((rest.calls for rest in found), default=0)
    return [rest for rest in found if 2 * rest.calls >= most > 0]


def stretch_of_growth(found: Sequence[Rest]) -> tuple[Stretch, int] | None:
    """Choose the stretch in which growth is looked for, and count the calls in it; None when there are none."""
    chosen = settled(found)
    if not chosen or chosen[-1].calls == chosen[0].calls:
        return None
    return (chosen[0].end_unix_s, chosen[-1].end_unix_s), chosen[-1].calls - chosen[0].calls
