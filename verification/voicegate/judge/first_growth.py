"""C4: the first connection loads the weights, and nothing more."""

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, Doubt, Figure, Need, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.limits import SettledLimits
from voicegate.measure.calls import first_calls
from voicegate.measure.memory_levels import METRIC, Level, level_of, settled_level, steadiness
from voicegate.measure.phases import AFTER_FIRST, BASELINE, FIRST_CALL, phase, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording

_WEIGHTS_UNKNOWN = (
    Doubt("the size of the weights is not known", "give it as [agent] weights_bytes in the gate file"),
)


class Limits(SettledLimits):
    """How much the first call may add, and must."""

    first_growth_of_weights: float = Field(
        default=0.8, gt=0, description="the first call must add at least this fraction of the weights"
    )
    first_growth_bytes: int = Field(default=2_000_000_000, gt=0, description="and at most this much")


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare the settled tree before the first call with the settled tree after it was hung up."""
    before = settled_level(recording, BASELINE, rules.limits)
    after = settled_level(recording, AFTER_FIRST, rules.limits)
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
        doubts=_WEIGHTS_UNKNOWN if weights is None else (),
        restless=(*before.restless, *after.restless),
        advice="find what else is loaded, or what is not kept, around the first call",
    )


judge = Criterion(
    id="C4-first-growth",
    title="memory grows on the first connection only",
    question="Does the first call add what the models weigh, and no more?",
    passes="memory grows by the weights on the first call: at least 80 % of them, at most 2.0 GB",
    how="The settled memory before the first call is compared with the settled memory after its caller has hung up. The size of the "
    "weights comes from `[agent] prepare` or `weights_bytes`; without it the criterion is an ERROR.",
    formula="growth = settled(after-first) - settled(baseline)",
    limits=Limits,
    measure=measure,
    owes=("growth over the first call",),
    needs=(Need.PROCESSES, Need.FIRST_CALL),
    parts=(phase(BASELINE), phase(AFTER_FIRST)),
    answered=first_calls,
    figure=Figure("first call adds"),
    profiled=True,
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
