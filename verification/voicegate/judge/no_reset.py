"""G1: nothing resets a shared model or sets it outside its lock, says a static look at the source.

A name may be None only where its module begins; a function that assigns None or deletes it gives up a model that
others use, and one that assigns without the lock lets two first callers load twice.
"""

import re
from collections.abc import Sequence

from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    CriterionLimits,
    NotMeasured,
    NotRun,
    RulesFor,
)
from voicegate.judge.finding import counted
from voicegate.measure.phases import cut_off
from voicegate.quantity import number_of
from voicegate.record.events import Assignment, Recording, Source

_Place = tuple[Source, Assignment]


def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
    """Count the resets and the unlocked assignments among all places that set a watched name."""
    sources = recording.sources
    if not sources:
        if caveats := cut_off(recording):
            raise NotMeasured(f"no source file was looked at: {caveats[0].reason}", caveats[0].advice)
        raise NotRun(
            "the gate file names no source files", "name those that load the models as [source] files"
        )
    places = [(source, one) for source in sources for one in source.assignments]
    inside = [place for place in places if place[1].function is not None]
    resets = [place for place in inside if place[1].sets_none]
    lock = re.compile(rules.lock)
    unlocked = [place for place in inside if not any(map(lock.search, place[1].locks))]
    names = sorted({name for source in sources for name in source.names})
    return Conclusion(
        measurements=(
            counted("resets inside functions", len(resets), 0, "source", len(places)),
            counted("assignments outside the lock", len(unlocked), 0, "source", len(inside)),
        ),
        evidence=tuple(_describe(place, place in resets, place in unlocked) for place in places),
        stability=f"read from the source: {number_of(len(places), 'place')} in {number_of(len(sources), 'file')}, not sampled",
        caveats=_unread(sources) + _unset(names, places),
        met=f"{', '.join(names)}: None at module level only, set only under the lock",
    )


judge = Criterion(
    id="G1-no-reset",
    title="the shared models are never reset",
    question="Can the code drop a model that others use, or load it twice?",
    passes="in the source, the shared models are never reset, and set only under their lock",
    formula="resets of the listed names + assignments outside their lock = 0",
    how=(
        "The gate reads the source and does not run it. Inside functions, a name listed in `[source]` "
        "must never be set to None or deleted, and every assignment must be inside a `with` whose "
        "expression matches `[source] lock`."
    ),
    when_it_fails="keep the model once it is loaded, and take the lock around the check and the assignment",
    limits=CriterionLimits,
    measure=measure,
    owes=("resets inside functions", "assignments outside the lock"),
)


def _describe(place: _Place, is_reset: bool, is_unlocked: bool) -> str:
    source, one = place
    where = f"in {one.function}" if one.function else "at module level"
    flaws = [text for text, so in (("a reset", is_reset), ("without the lock", is_unlocked)) if so]
    what = "set to None or deleted" if one.sets_none else "set"
    under = f" under {', '.join(one.locks)}" if one.locks else ""
    return (
        f"{source.path}:{one.line}: {one.name} {what} {where}{under}{': ' if flaws else ''}{', '.join(flaws)}"
    )


def _unread(sources: Sequence[Source]) -> tuple[Caveat, ...]:
    return tuple(
        Caveat(
            f"{source.path} could not be read: {source.problem}", "correct [source] files in the gate file"
        )
        for source in sources
        if source.problem is not None
    )


def _unset(names: Sequence[str], places: Sequence[_Place]) -> tuple[Caveat, ...]:
    """Return a caveat for names that nothing sets: the wrong file was read, or the name is wrong."""
    return tuple(
        Caveat(f"nothing sets {name} in these files", "correct [source] names and files in the gate file")
        for name in names
        if not any(one.name == name for _, one in places)
    )
