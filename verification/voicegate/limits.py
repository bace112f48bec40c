"""What the limits of criteria are made of: their kind, and the few that several criteria share.

Each criterion declares its own limits in its own module; `judge.registry` puts all of them together. Bytes, seconds and
fractions, as the names say; MB are 10^6 bytes, GB are 10^9.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import ConfigDict, Field

from voicegate.gate_file import KeyedSection

SHORTEST_GAP_S = 0.2
"""Silences shorter than this are not recorded as gaps: no limit can be set below it."""


class CriterionLimits(KeyedSection):
    """Limits of one criterion, or of several: keys of `[limits]`, each with a default and a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    former_keys: ClassVar[Mapping[str, str]] = {
        "clipped_samples": "no reply may have clipped samples",
        "cleanup_jobs": "no job process may stay",
        "cleanup_processes": "no process may stay",
        "confidence": "every interval is one of 95 %",
        "cycle_resolution_bytes": "C6 must be able to see a leak of 5 MB per cycle",
        "cycle_wait_s": "G9 counts waits below 0.5 s as 0.5 s",
        "latency_agreement_s": "the wait for a reply may be 20 ms from what the sound files say",
        "monitor_match_s": "C8 compares a report with the samples within 2 s of it",
        "settled_samples": "a level of memory needs three samples",
    }


class SettledLimits(CriterionLimits):
    """What makes a settled level of memory."""

    settled_window_s: float = Field(default=3.0, gt=0, description="end of a phase whose median is its level")


class StallLimits(CriterionLimits):
    """What makes a stall: a time in which the machine held up the gate itself."""

    hold_up_s: float = Field(
        default=0.2, gt=0, description="lateness of our own sampling that makes what happened then doubtful"
    )


class CycleLimits(CriterionLimits):
    """How many cycles say something."""

    cycles_needed: int = Field(
        default=6, ge=3, description="cycles needed, after those left out as a warm-up"
    )


class LoadFailureLimits(CriterionLimits):
    """How many calls and turns of a load run may fail."""

    load_failed_calls: float = Field(
        default=0.01,
        ge=0,
        lt=1,
        description="part of the calls of a load run, or of its turns, that may fail",
    )
