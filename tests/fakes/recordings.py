"""The public builder of recordings under a short name, what it writes, and changes to recordings."""

from fakes.edits import (
    change_turn,
    change_variant,
    cut_at,
    last_t_of,
    phase_begin,
    with_failed_call,
    with_stall,
    with_usage,
    without_phase,
)
from voicegate.testing import GB, MB, WEIGHTS_BYTES, models_per_call, shared_models
from voicegate.testing import MadeUpRun as Run
from voicegate.testing.agent_lines import ASR_ID, TTS_ID, report_line, spoken
from voicegate.testing.made_up import shared_source

__all__ = [
    "ASR_ID",
    "GB",
    "MB",
    "TTS_ID",
    "WEIGHTS_BYTES",
    "Run",
    "change_turn",
    "change_variant",
    "cut_at",
    "last_t_of",
    "models_per_call",
    "phase_begin",
    "report_line",
    "shared_models",
    "shared_source",
    "spoken",
    "with_failed_call",
    "with_stall",
    "with_usage",
    "without_phase",
]
