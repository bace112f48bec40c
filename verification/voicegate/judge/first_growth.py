"""C4: the first connection loads the weights, and nothing more."""

from voicegate.judge.criterion import Conclusion, Doubt, Rules, criterion
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.limits import Limits
from voicegate.measure.calls import calls_in_order, check_first_call, first_callers, unanswered
from voicegate.measure.memory_levels import METRIC, Level, level_of, settled_level, steadiness
from voicegate.measure.phases import AFTER_FIRST, BASELINE, FIRST_CALL, cut_off, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording

_WEIGHTS_UNKNOWN = (
    Doubt("the size of the weights is not known", "give it as [agent] weights_bytes in the gate file"),
)


@criterion("C4-first-growth", "memory grows on the first connection only")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Compare the settled tree before the first call with the settled tree after it was hung up."""
    before = settled_level(recording, BASELINE, rules.limits)
    after = settled_level(recording, AFTER_FIRST, rules.limits)
    check_first_call(recording)
    callers, _ = first_callers(calls_in_order(recording))
    during = [
        level
        for span in spans(recording)
        if span.name == FIRST_CALL and (level := level_of(recording, span, rules.limits))
    ]
    weights = recording.header.weights_bytes
    evidence = [level.describe() for level in (before, *during, after)]
    evidence.append(f"weights: {'unknown' if weights is None else format_bytes(weights)}")
    return Conclusion(
        measurements=_growth(before, after, weights, rules.limits),
        evidence=tuple(evidence),
        stability=steadiness([before, after]),
        doubts=(_WEIGHTS_UNKNOWN if weights is None else ()) + unanswered(callers) + cut_off(recording),
        advice="find what else is loaded, or what is not kept, around the first call",
    )


def _growth(before: Level, after: Level, weights: int | None, limits: Limits) -> tuple[Measurement, ...]:
    bounds = [Bound(Side.AT_MOST, limits.first_growth_bytes)]
    if weights is not None:
        bounds.insert(0, Bound(Side.AT_LEAST, limits.first_growth_of_weights * weights))
    return tuple(
        Measurement(
            "growth over the first call",
            after.pss_bytes - before.pss_bytes,
            "bytes",
            METRIC,
            bound,
            samples=before.samples + after.samples,
            window_s=after.window_s,
            low=after.low_bytes - before.high_bytes,
            high=after.high_bytes - before.low_bytes,
        )
        for bound in bounds
    )
