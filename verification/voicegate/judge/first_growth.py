"""C4: the first connection loads the weights, and nothing more. Only what stays counts."""

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, Figure, Need, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.limits import SettledLimits
from voicegate.measure.calls import first_callers
from voicegate.measure.memory_levels import METRIC, Level, levels_of, settled_level, steadiness
from voicegate.measure.phases import AFTER_FIRST, BASELINE, FIRST_CALL, phase, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording

_WEIGHTS_UNKNOWN = Caveat(
    "the size of the weights is not known",
    "give what they take in memory as [agent] weights_bytes in the gate file",
)
_TOO_SMALL_ADVICE = (
    "try the agent with larger models, or turn C4 off; see that [agent] weights_bytes is what the models"
    " take in memory"
)


class Limits(SettledLimits):
    """How much the first call may add, and must."""

    first_growth_of_weights: float = Field(
        default=0.8, gt=0, description="the first call must add at least this fraction of the weights"
    )
    first_growth_bytes: int = Field(
        default=2_000_000_000, gt=0, description="the first call may add at most this much"
    )
    first_growth_times_weights: float = Field(
        default=3.0,
        gt=1,
        description="if the first call adds more than this many times the weights, they are too small to be measured",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare the settled tree before the first call with what is left after it, once its job has ended."""
    before = settled_level(recording, BASELINE, rules.limits)
    after = settled_level(recording, AFTER_FIRST, rules.limits)
    stayed = _without_its_job(recording, after, rules.limits)
    calling = [span for span in spans(recording) if span.name == FIRST_CALL]
    during = levels_of(recording, calling, rules.limits)
    weights = recording.header.weights_bytes
    evidence = [level.describe() for level in (before, *during, after)]
    if stayed is not after:
        evidence.append(_job(after, stayed))
    evidence.append(f"weights: {'unknown' if weights is None else format_bytes(weights)}")
    return Conclusion(
        measurements=_growth(before, stayed, weights, rules.limits),
        evidence=tuple(evidence),
        stability=steadiness([before, stayed]),
        caveats=_caveats(before, stayed, weights, rules.limits),
        restless=(*before.restless, *stayed.restless),
    )


judge = Criterion(
    id="C4-first-growth",
    title="memory grows on the first connection only",
    question="Does the first call add the size of the models, and not more?",
    passes="memory grows by the weights on the first call: at least 80 % of them, at most 2.0 GB",
    how=(
        "The settled memory before the first call is compared with the settled memory after its caller "
        "has hung up. If the job of the first call is still running then, its cost is subtracted: the "
        "difference to the lowest later rest with fewer processes. The size of the weights in memory "
        "comes from `[agent] prepare` or `weights_bytes`; without it the criterion is an ERROR. It is "
        "also an ERROR if the models are too small to be seen: if memory grows by more than three times "
        "their weights, or moves by 80 % of them while nobody calls. Too little growth fails for models "
        "of any size."
    ),
    formula="growth = settled(after-first) - settled(baseline) - cost of a job that outlives its call\n"
    "cost of that job = settled(after-first) - settled(lowest later rest with fewer processes), if that is lower",
    when_it_fails="find out what else is loaded around the first call, or which weights are not kept",
    limits=Limits,
    measure=measure,
    owes=("growth over the first call",),
    needs=(Need.PROCESSES, Need.FIRST_CALL),
    parts=(phase(BASELINE), phase(AFTER_FIRST)),
    answered=lambda calls: first_callers(calls)[0],
    figure=Figure("first call adds"),
    profiled=True,
)


def _without_its_job(recording: Recording, after: Level, limits: Limits) -> Level:
    """Find the level without a job that outlived the first call: the lowest of later rests with fewer processes, if it is lower.

    With as many processes nothing has ended: what is given back then had been taken for longer than a call.
    """
    later = (span for span in spans(recording) if span.begin_t >= after.end_t and span.concurrent_calls == 0)
    fewer = [level for level in levels_of(recording, later, limits) if level.processes < after.processes]
    return min((after, *fewer), key=lambda level: level.pss_bytes)


def _job(after: Level, stayed: Level) -> str:
    """Say what ended after the first call, and what it cost."""
    there, less = f"{after.processes} processes in {after.phase}", after.pss_bytes - stayed.pss_bytes
    return f"a job outlived the first call: {there}, {stayed.processes} in {stayed.phase}, {format_bytes(less)} less"


def _caveats(before: Level, after: Level, weights: int | None, limits: Limits) -> tuple[Caveat, ...]:
    """Return a caveat if the size of the weights is unknown, or too small a part of the growth."""
    if weights is None:
        return (_WEIGHTS_UNKNOWN,)
    _, added_bytes, _ = after.above(before)
    moved_bytes = max(before.spread_bytes, after.spread_bytes)
    if moved_bytes >= limits.first_growth_of_weights * weights:
        seen_in = f"memory that moves by {format_bytes(moved_bytes)} while nobody calls"
    elif added_bytes > limits.first_growth_times_weights * weights:
        seen_in = f"what the first call adds ({format_bytes(added_bytes)}), which would pass without them"
    else:
        return ()
    reason = f"the models ({format_bytes(weights)}) are too small to be seen in {seen_in}"
    return (Caveat(reason, _TOO_SMALL_ADVICE),)


def _growth(before: Level, after: Level, weights: int | None, limits: Limits) -> tuple[Measurement, ...]:
    bounds = [Bound(Side.AT_MOST, limits.first_growth_bytes)]
    if weights is not None:
        bounds.insert(0, Bound(Side.AT_LEAST, limits.first_growth_of_weights * weights))
    low, grown, high = after.above(before)
    what, samples = "growth over the first call", before.samples + after.samples
    return tuple(
        Measurement(what, grown, "bytes", METRIC, bound, samples, after.window_s, low, high)
        for bound in bounds
    )
