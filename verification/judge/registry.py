"""All criteria, in the order of the report."""

from verification.judge import (
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
from verification.judge.criterion import Criterion

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
