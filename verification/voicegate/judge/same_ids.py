"""C3: the same instance of each model serves every call.

Equal ids prove nothing: two processes forked from one parent were seen to print the same `id()` for two
separate models. So an id counts as one instance only if it was initialized once.
"""

from collections import Counter
from collections.abc import Sequence

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, CriterionLimits, Need, RulesFor
from voicegate.judge.finding import Measurement, counted
from voicegate.judge.model_lines import ModelLine, model_lines, unnamed_models
from voicegate.log_contract import ENGINES, Engine
from voicegate.measure.calls import calls_in_order
from voicegate.quantity import number_of
from voicegate.record.events import Recording

_SHOWN = 6


def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
    """Count the ids of each engine, and how often each was initialized."""
    lines = model_lines(recording, rules.log)
    unnamed = unnamed_models(recording, rules.log, lines)
    named = [line for line in lines if line.instance is not None]
    calls = calls_in_order(recording)
    measured = [engine for engine in ENGINES if any(line.engine == engine for line in named)]
    return Conclusion(
        measurements=tuple(
            measurement for engine in measured for measurement in _measure(engine, _of(engine, named))
        ),
        evidence=(
            *(_ids(engine, _of(engine, named)) for engine in measured),
            *(line.describe() for line in [one for one in named if one.step == "initialized"][:_SHOWN]),
        ),
        stability=f"counted over {number_of(len(calls), 'call')}, not sampled",
        caveats=(*unnamed.values(), *_unseen(named, [engine for engine in ENGINES if engine not in unnamed])),
        met=f"one ASR and one TTS instance, each loaded once, over {number_of(len(calls), 'call')}",
    )


judge = Criterion(
    id="C3-same-ids",
    title="the same instance everywhere",
    question="Does one instance of each model serve every call?",
    passes=(
        "one instance of each model over all calls and processes; two loads that print the same id are "
        "told apart"
    ),
    formula="ids of each model = 1; loads of each model = 1",
    how=(
        "The gate counts the ids in the agent's log over all calls, and how often each was loaded. An id "
        "counts as one instance only if it was loaded once, because two processes forked from one parent "
        "can print the same id for two models."
    ),
    when_it_fails="let one process own the models; two loads are two loads, also under the same id",
    limits=CriterionLimits,
    measure=measure,
    owes=tuple(text for engine in ENGINES for text in (f"{engine} ids", f"loads of one {engine} id")),
    needs=(Need.MODEL_LINES, Need.MODEL_IDS),
)


def _of(engine: Engine, lines: Sequence[ModelLine]) -> Sequence[ModelLine]:
    return [line for line in lines if line.engine == engine]


def _measure(engine: Engine, lines: Sequence[ModelLine]) -> tuple[Measurement, ...]:
    loads = Counter(line.instance for line in lines if line.step == "initialized")
    ids = len({line.instance for line in lines})
    instances = counted(f"{engine} ids", ids, 1, "log lines", len(lines))
    if not loads:
        return (instances,)
    most = max(loads.values())
    return instances, counted(f"loads of one {engine} id", most, 1, "log lines", len(lines))


def _ids(engine: Engine, lines: Sequence[ModelLine]) -> str:
    counted = Counter(line.instance for line in lines)
    shown = ", ".join(f"{instance} in {count} lines" for instance, count in counted.most_common(_SHOWN))
    more = f" and {len(counted) - _SHOWN} more ids" if len(counted) > _SHOWN else ""
    return f"{engine}: {shown}{more}"


def _unseen(lines: Sequence[ModelLine], engines: Sequence[Engine]) -> tuple[Caveat, ...]:
    """Return a caveat for engines whose load was not seen: how many loads stand behind an id is then unknown."""
    return tuple(
        Caveat(
            f"no line says that the {engine} instance was initialized",
            "record the agent's log from its start, before the first call",
        )
        for engine in engines
        if not any(line.engine == engine and line.step == "initialized" for line in lines)
    )
