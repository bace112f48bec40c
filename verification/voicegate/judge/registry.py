"""All criteria, in the order of the report: those of a scenario, and those of a load run."""

from voicegate.judge import (
    benefit,
    clean_log,
    cleanup,
    cycles,
    disk,
    extra_connection,
    first_growth,
    first_initializes,
    forced_collection,
    later_reuse,
    monitor,
    no_reset,
    playback,
    replies,
    same_ids,
    stabilizes,
    total,
    transcripts,
)
from voicegate.judge.criterion import Criterion
from voicegate.judge.load import calls, joins, memory, turns
from voicegate.record.events import Recording

CRITERIA: tuple[Criterion, ...] = (
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
    forced_collection.judge,
    cleanup.judge,
    disk.judge,
    cycles.judge,
    benefit.judge,
    clean_log.judge,
)

LOAD_CRITERIA: tuple[Criterion, ...] = (
    calls.judge,
    turns.judge,
    joins.judge,
    memory.per_call,
    memory.total,
    transcripts.judge,
    replies.judge,
    clean_log.judge,
)


def criteria_for(recording: Recording) -> tuple[Criterion, ...]:
    """Choose by what was driven."""
    return LOAD_CRITERIA if recording.header.of_load else CRITERIA


def all_criteria() -> tuple[Criterion, ...]:
    """List every criterion once."""
    return tuple(dict.fromkeys((*CRITERIA, *LOAD_CRITERIA)))
