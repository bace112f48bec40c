"""What the limits of criteria are made of: their kind, and the few that several criteria share.

Each criterion declares its own limits in its own module; `judge.registry` puts all of them together. Bytes, seconds and
fractions, as the names say; MB are 10^6 bytes, GB are 10^9.
"""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from voicegate.gate_file import KeyedSection


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
        "latency_agreement_s": "the wait for a reply is measured from the sound alone",
        "monitor_match_s": "C8 compares a report with the samples within 2 s of it",
        "settled_samples": "a level of memory needs three samples",
    }
    renamed_keys: ClassVar[Mapping[str, str]] = {"hold_up_s": "stall_s"}


class SettledLimits(CriterionLimits):
    """What makes a settled level of memory."""

    settled_window_s: float = Field(
        default=3.0, gt=0, description="the median of this last part of a phase is its settled level"
    )


class StallLimits(CriterionLimits):
    """What makes a stall: a time in which the machine was too busy for the gate itself."""

    stall_s: float = Field(
        default=0.2, gt=0, description="the machine stalled when the gate's own sampling was later than this"
    )


class SpeechLimits(CriterionLimits):
    """What is speech and what is a gap in it: every wait and every reply is measured by these."""

    gap_s: float = Field(default=0.2, gt=0, description="longest silence inside a sentence")
    sentence_pause_s: float = Field(
        default=1.0, ge=0, description="longest silence between two sentences that is not a gap"
    )
    clause_pause_s: float = Field(default=0.5, ge=0, description="likewise at a comma, a colon or a dash")
    speech_begins_dbfs: float = Field(
        default=-40.0, gt=-80, lt=0, description="speech begins with 10 ms louder than this (0 is full scale)"
    )
    speech_ends_dbfs: float = Field(
        default=-50.0, gt=-80, lt=0, description="and ends with 10 ms softer than this"
    )
    click_s: float = Field(default=0.03, ge=0, description="shorter sounds do not count as speech")

    @model_validator(mode="after")
    def _check_speech_begins_above_its_end(self) -> Self:
        if self.speech_ends_dbfs > self.speech_begins_dbfs:
            raise ValueError("speech_ends_dbfs must not be above speech_begins_dbfs")
        return self


class TurnLimits(SpeechLimits, StallLimits):
    """What makes a turn go well."""

    call_wer: float = Field(default=0.2, ge=0, description="word error rate allowed in one call")
    heard_wer: float = Field(
        default=0.2,
        ge=0,
        description="word error rate allowed in the replies, as the gate's recognizer heard them",
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
        description="share of the calls of a load run, or of its turns, that may fail",
    )
