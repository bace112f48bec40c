"""All criteria, in the order of the report: those of a scenario, and those of a load run; and all of their limits.

A new criterion is entered twice: its `judge` in CRITERIA or LOAD_CRITERIA, and its `Limits`, if it has any of its own, among the bases
of `Limits`. mypy refuses the one without the other.
"""

from dataclasses import dataclass, field

from voicegate.judge import (
    as_scripted,
    barge_in,
    benefit,
    clean_log,
    cleanup,
    cycles,
    dead_air,
    disk,
    extra_connection,
    first_growth,
    first_initializes,
    forced_collection,
    keeps_talking,
    later_reuse,
    monitor,
    no_reset,
    page,
    playback,
    quiet,
    recovers,
    replies,
    response,
    same_ids,
    stabilizes,
    total,
    transcripts,
    waits,
)
from voicegate.judge.criterion import Criterion, RulesFor
from voicegate.judge.load import calls, joins, memory, turns
from voicegate.record.events import Recording


class Limits(
    memory.TotalLimits,
    memory.PerCallLimits,
    joins.Limits,
    turns.Limits,
    calls.Limits,
    response.Limits,
    barge_in.Limits,
    keeps_talking.Limits,
    waits.Limits,
    dead_air.Limits,
    benefit.Limits,
    cycles.Limits,
    disk.Limits,
    cleanup.Limits,
    forced_collection.Limits,
    transcripts.Limits,
    monitor.Limits,
    total.Limits,
    stabilizes.Limits,
    extra_connection.Limits,
    first_growth.Limits,
):
    """Every limit of every criterion: the keys of `[limits]` in a gate file."""


@dataclass(frozen=True, slots=True)
class Rules(RulesFor[Limits]):
    """What a recording is held against, by all criteria."""

    limits: Limits = field(default_factory=Limits)


CRITERIA: tuple[Criterion[Limits], ...] = (
    first_initializes.judge,
    later_reuse.judge,
    same_ids.judge,
    first_growth.judge,
    extra_connection.judge,
    stabilizes.judge,
    total.judge,
    monitor.judge,
    no_reset.judge,
    transcripts.judge,
    replies.judge,
    playback.judge,
    page.judge,
    forced_collection.judge,
    cleanup.judge,
    disk.judge,
    cycles.judge,
    benefit.judge,
    clean_log.judge,
    response.judge,
    barge_in.judge,
    keeps_talking.judge,
    waits.judge,
    quiet.judge,
    dead_air.judge,
    recovers.judge,
    as_scripted.judge,
)

LOAD_CRITERIA: tuple[Criterion[Limits], ...] = (
    calls.judge,
    turns.judge,
    joins.judge,
    memory.per_call,
    memory.total,
    transcripts.judge,
    replies.judge,
    clean_log.judge,
)


def criteria_for(recording: Recording) -> tuple[Criterion[Limits], ...]:
    """Choose by what was driven."""
    return LOAD_CRITERIA if recording.header.of_load else CRITERIA


def all_criteria() -> tuple[Criterion[Limits], ...]:
    """List every criterion once."""
    return tuple(dict.fromkeys((*CRITERIA, *LOAD_CRITERIA)))
