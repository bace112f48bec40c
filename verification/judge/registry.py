"""All criteria, in the order of the report."""

from verification.judge import (
    extra_connection,
    first_growth,
    first_initializes,
    later_reuse,
    monitor,
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
    transcripts.judge,
    replies.judge,
    playback.judge,
)
