"""C1: the first connection initializes both models, once each, in order, and nothing did before."""

from collections.abc import Sequence

from voicegate.judge.criterion import Conclusion, Criterion, CriterionLimits, Need, NotMeasured, RulesFor
from voicegate.judge.finding import Measurement, counted
from voicegate.judge.model_lines import ModelLine, model_lines, unnamed_models
from voicegate.log_contract import Engine, LoadStep
from voicegate.measure.calls import Call, calls_in_order, failed_by_others, first_callers, that_reached_agent
from voicegate.measure.phases import cut_off
from voicegate.record.events import Recording

_EXPECTED: Sequence[tuple[Engine, LoadStep]] = (
    ("ASR", "initializing"),
    ("ASR", "initialized"),
    ("TTS", "initializing"),
    ("TTS", "initialized"),
)


def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
    """Read the loads between the first caller's dialing and the first one of a later phase.

    Several callers who dial at once are the first ones together.
    """
    lines = model_lines(recording, rules.log)
    unnamed = unnamed_models(recording, rules.log, lines)
    named = [(engine, step) for engine, step in _EXPECTED if step in rules.log.model_patterns(engine)]
    expected = [(engine, step) for engine, step in named if engine not in unnamed]
    every = calls_in_order(recording)
    others = failed_by_others(every)
    calls = that_reached_agent(every)
    if not calls:
        raise NotMeasured(others[0].reason, others[0].advice)
    callers, end_t = first_callers(calls)
    start_t, later = callers[0].dialed_t, calls[len(callers)].name if len(calls) > len(callers) else None
    loads = [line for line in lines if line.step != "reusing"]
    before = [line for line in loads if line.t < start_t]
    inside = [line for line in loads if start_t <= line.t < end_t]
    nobody = all(call.answered_t is None for call in callers)
    return Conclusion(
        measurements=() if nobody and not loads else _measure(expected, before, inside),
        evidence=(
            f"{_names(callers)} dialed at {start_t:.2f} s"
            + (f", {later} at {end_t:.2f} s" if later else ", no later call"),
            *(line.describe() for line in before + inside),
        ),
        stability="counted, not sampled",
        caveats=(*others, *unnamed.values(), *(() if later else cut_off(recording))),
        met=f"both were initialized once, in order, in {_names(callers)}",
        unowed=tuple(f"{engine} {step}" for engine, step in _EXPECTED if (engine, step) not in named),
    )


judge = Criterion(
    id="C1-first-initialises",
    title="the first connection initialises both models",
    question="Does the first call load both models, once each?",
    passes="the first call loads each model once, and nothing was loaded before",
    formula="loads of each model in the first call = 1; loads before it = 0",
    how=(
        "The gate reads the log lines about the models, from the time when the first caller dials until "
        "the first caller of a later phase dials. Each model must be loaded once in this time, speech to "
        "text first, and never before. If an agent logs only the beginning or only the end of a load, "
        "that line counts. Callers who dial at the same time are all first callers. A run that breaks off "
        "can still pass if the second caller has dialed. If no line of the log is about a model, the "
        "criterion is an ERROR, because the patterns may be wrong."
    ),
    when_it_fails="load each model once, under a lock, in the first call",
    limits=CriterionLimits,
    measure=measure,
    owes=(
        *(f"{engine} {step} in the first call" for engine, step in _EXPECTED),
        "lines out of order",
        "loads before the first call",
    ),
    needs=(Need.MODEL_LINES,),
    answered=lambda calls: first_callers(that_reached_agent(calls))[0],
    whole_run=False,
)


def _names(callers: Sequence[Call]) -> str:
    return " and ".join(call.name for call in callers)


def _measure(
    expected: Sequence[tuple[Engine, LoadStep]], before: Sequence[ModelLine], inside: Sequence[ModelLine]
) -> tuple[Measurement, ...]:
    seen = [(line.engine, line.step) for line in inside]
    misplaced = sum(a != b for a, b in zip(seen, sorted(seen, key=_EXPECTED.index), strict=True))
    counts = [
        (f"{engine} {step} in the first call", seen.count((engine, step)), 1) for engine, step in expected
    ]
    counts += [("lines out of order", misplaced, 0), ("loads before the first call", len(before), 0)]
    return tuple(counted(what, found, wanted, "log lines", found) for what, found, wanted in counts)
