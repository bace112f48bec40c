"""C2: every later connection reuses both models, and none is initialized again."""

from collections.abc import Sequence

from voicegate.judge.criterion import Conclusion, Criterion, CriterionLimits, Need, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.model_lines import ModelLine, model_lines, no_reuse_said, unnamed_models
from voicegate.log_contract import ENGINES, Engine, LogContract
from voicegate.measure.calls import (
    SECOND_CALL,
    Call,
    calls_in_order,
    failed_by_others,
    first_callers,
    that_reached_agent,
)
from voicegate.quantity import number_of
from voicegate.record.events import Recording

_SHOWN = 6
_REUSED = "later calls that reuse the {} instance"


def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
    """Find for each later call its own `Reusing` line of both engines.

    Of several callers who dial first and at once, one may be without: the one for whom the model was loaded.
    """
    lines = model_lines(recording, rules.log)
    every = calls_in_order(recording)
    calls = that_reached_agent(every)
    later = calls[1:]
    callers, later_t = first_callers(calls)
    answered = [call for call in calls if call.answered_t is not None]
    again = _further(_loads(lines, rules.log), later_t, together=len(callers) > 1)
    unnamed = unnamed_models(recording, rules.log, lines)
    unsaid = [engine for engine in _unsaid(lines, again, rules.log) if engine not in unnamed]
    named = [engine for engine in ENGINES if "reusing" in rules.log.model_patterns(engine)]
    looked_at = [engine for engine in named if engine not in (*unnamed, *unsaid)]
    without = {engine: _but_one_of(callers, _without_line(engine, answered, lines)) for engine in looked_at}
    reusing = len([call for call in later if call.answered_t is not None])
    return Conclusion(
        measurements=(
            *(
                counted(_REUSED.format(one), reusing - len(without[one]), reusing, "log lines", reusing)
                for one in looked_at
            ),
            counted("further initializations", len(again), 0, "log lines", len(lines)),
        ),
        evidence=(
            f"{number_of(len(later), 'call')} after {calls[0].name}",
            *(f"no {engine} reuse in {_names(missing)}" for engine, missing in without.items() if missing),
            *(line.describe() for line in again[:_SHOWN]),
        ),
        stability="counted, not sampled",
        caveats=(
            *failed_by_others(every),
            *unnamed.values(),
            *(no_reuse_said(recording, rules.log, engine) for engine in unsaid),
        ),
        met=f"both are reused in {number_of(reusing, 'later call')}, nothing is initialized again"
        if len(named) == len(ENGINES)
        else f"nothing is initialized again in {reusing} later calls; the log does not name every reuse",
        unowed=tuple(_REUSED.format(engine) for engine in ENGINES if engine not in named),
    )


judge = Criterion(
    id="C2-later-reuse",
    title="later connections reuse them",
    question="Do later calls use the models that are there?",
    passes="every later call reuses both models, none is loaded again",
    formula="later calls with a reuse line for each model = later calls; loads after the first call = 0",
    how=(
        "Each later call needs one line for each model that says that the model is reused. A line that "
        "names a room belongs to the call in that room; other lines are assigned to the calls that were "
        "up at that time. If several callers dial first at the same time, one of them needs no such line: "
        "the model was loaded for that caller. If `[log]` has no pattern for reuse, the gate only checks "
        "that nothing is loaded again. If no line is about a model, or if no line says that it is reused "
        "while nothing is loaded again, the criterion is an ERROR, because the patterns may be wrong."
    ),
    when_it_fails="take the models from one place that outlives the calls, not from a global of each process",
    limits=CriterionLimits,
    measure=measure,
    owes=(*(_REUSED.format(engine) for engine in ENGINES), "further initializations"),
    needs=(Need.MODEL_LINES,),
    parts=(SECOND_CALL,),
    answered=lambda calls: that_reached_agent(calls)[1:],
)


def _but_one_of(callers: Sequence[Call], without: Sequence[Call]) -> Sequence[Call]:
    """Leave out the one of the first callers for whom the model was loaded."""
    loader = next((call for call in without if call in callers), None)
    return [call for call in without if call is not loader]


def _loads(lines: Sequence[ModelLine], contract: LogContract) -> Sequence[ModelLine]:
    """Keep one line of each load: its beginning, or its end where the log does not say when one begins."""
    first = {
        engine: "initializing" if "initializing" in contract.model_patterns(engine) else "initialized"
        for engine in ENGINES
    }
    return [line for line in lines if line.step == first[line.engine]]


def _unsaid(
    lines: Sequence[ModelLine], again: Sequence[ModelLine], contract: LogContract
) -> Sequence[Engine]:
    """Find the models that no line of the whole log says to be reused, and none to be loaded again: the pattern may not fit."""
    said = {line.engine for line in lines if line.step == "reusing"} | {line.engine for line in again}
    return [
        engine for engine in ENGINES if "reusing" in contract.model_patterns(engine) and engine not in said
    ]


def _further(loads: Sequence[ModelLine], later_t: float, *, together: bool) -> Sequence[ModelLine]:
    """Find the initializations after the first phase with calls, and in it those beyond the first of each engine.

    A single first caller's are C1's matter.
    """
    first = {engine: next((line for line in loads if line.engine == engine), None) for engine in ENGINES}
    return [line for line in loads if line.t >= later_t or (together and line is not first[line.engine])]


def _without_line(engine: Engine, calls: Sequence[Call], lines: Sequence[ModelLine]) -> Sequence[Call]:
    """Find the calls that have no reuse line of their own.

    A line that names a room belongs to that room's call. Of the others, each may stand for one call that was
    up at its time: they are dealt out to the call that ends first, which serves as many as possible.
    """
    reuses = [line for line in lines if line.engine == engine and line.step == "reusing"]
    named = {line.room for line in reuses if line.room is not None}
    waiting = [call for call in calls if call.room not in named]
    for line in (line for line in reuses if line.room is None):
        open_calls = [call for call in waiting if call.dialed_t <= line.t <= _end(call)]
        if open_calls:
            waiting.remove(min(open_calls, key=_end))
    return waiting


def _end(call: Call) -> float:
    return float("inf") if call.left_t is None else call.left_t


def _names(calls: Sequence[Call]) -> str:
    more = f" and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else ""
    return ", ".join(call.name for call in calls[:_SHOWN]) + more
