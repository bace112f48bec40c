"""What the limits of criteria are made of: their kind, and the few that several criteria share.

Each criterion declares its own limits in its own module; `judge.registry` puts all of them together. Bytes, seconds and
fractions, as the names say; MB are 10^6 bytes, GB are 10^9.
"""

from pydantic import BaseModel, ConfigDict, Field

SHORTEST_GAP_S = 0.2
"""Silences shorter than this are not recorded as gaps: no limit can be set below it."""


class CriterionLimits(BaseModel):
    """Limits of one criterion, or of several: keys of `[limits]`, each with a default and a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SettledLimits(CriterionLimits):
    """What makes a settled level of memory."""

    settled_window_s: float = Field(default=3.0, gt=0, description="end of a phase whose median is its level")
    settled_samples: int = Field(default=3, ge=1, description="complete samples a level needs")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="confidence of every interval")


class StallLimits(CriterionLimits):
    """What makes a stall: a time in which the machine held up the gate itself."""

    hold_up_s: float = Field(
        default=0.2, gt=0, description="lateness of our own sampling that makes what happened then doubtful"
    )


class WaitLimits(CriterionLimits):
    """How well a wait must be known."""

    latency_agreement_s: float = Field(
        default=0.02, gt=0, description="how far the wait for a reply may be from what the sound files say"
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
