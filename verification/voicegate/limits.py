"""The numbers a release is held against, as the guide gives them. MB are 10^6 bytes, GB are 10^9."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

SHORTEST_GAP_S = 0.2
"""Silences shorter than this are not recorded as gaps: no limit can be set below it."""


class Limits(BaseModel):
    """Every limit and every measuring rule of the judges; bytes, seconds and fractions, as the names say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settled_window_s: float = Field(default=3.0, gt=0, description="end of a phase whose median is its level")
    settled_samples: int = Field(default=3, ge=1, description="complete samples a level needs")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="confidence of every interval")

    first_growth_of_weights: float = Field(
        default=0.8, gt=0, description="C4: the first call must add at least this fraction of the weights"
    )
    first_growth_bytes: int = Field(default=2_000_000_000, gt=0, description="C4: and at most this much")
    extra_connection_bytes: int = Field(
        default=100_000_000, gt=0, description="C5: a further concurrent call must add less than this"
    )
    cycle_growth_bytes: int = Field(
        default=1_000_000, gt=0, description="C6: growth per cycle that is no growth"
    )
    cycle_resolution_bytes: int = Field(
        default=5_000_000, gt=0, description="C6: a leak per cycle that the measurement must be able to see"
    )
    cycles_warm_up: int = Field(
        default=0, ge=0, description="C6: cycles left out at the start, where no calls went before to warm up"
    )
    cycles_needed: int = Field(
        default=6, ge=3, description="C6: cycles needed after those; G9: cycles needed"
    )
    return_bytes: int = Field(
        default=100_000_000, gt=0, description="C6: how far above its first level memory may end"
    )
    total_bytes: int = Field(
        default=3_000_000_000, gt=0, description="C7: the whole tree must stay below this"
    )
    total_calls: int = Field(default=3, ge=1, description="C7: concurrent calls from which the total counts")

    monitor_interval_s: float = Field(default=60.0, gt=0, description="C8: time between two memory reports")
    monitor_tolerance_s: float = Field(default=5.0, ge=0, description="C8: how far an interval may be off")
    monitor_lines: int = Field(
        default=3,
        ge=2,
        description="C8: reports needed at least; a longer run owes one per interval and tolerance",
    )
    monitor_warning_bytes: int = Field(default=2_000_000_000, gt=0, description="C8: reports warn from here")
    monitor_high_bytes: int = Field(
        default=3_000_000_000, gt=0, description="C8: reports are high above this"
    )
    monitor_error: float = Field(
        default=0.05, gt=0, description="C8: how far a report may be from our own sample, as a fraction of it"
    )
    monitor_match_s: float = Field(
        default=2.0, gt=0, description="C8: how far from a report its sample may lie in time"
    )

    hold_up_s: float = Field(
        default=0.2, gt=0, description="G2 to G4: lateness of our own sampling that makes a turn doubtful"
    )
    call_wer: float = Field(default=0.2, ge=0, description="G2: word error rate allowed in one call")
    total_wer: float = Field(default=0.1, ge=0, description="G2: word error rate allowed over all calls")
    heard_wer: float = Field(
        default=0.2,
        ge=0,
        description="G4: word error rate of the replies as the gate's recognizer heard them",
    )
    gap_s: float = Field(
        default=0.2, gt=0, description="G4: longest silence inside a sentence; shorter ones are not recorded"
    )
    latency_agreement_s: float = Field(
        default=0.02,
        gt=0,
        description="G4, G9: how far the wait for a reply may be from what the sound files say",
    )
    clipped_samples: int = Field(default=0, ge=0, description="G4: clipped samples allowed in a reply")

    forced_gc_bytes: int = Field(
        default=3_000_000, gt=0, description="G6: how far memory must fall by a forced collection, at least"
    )
    cleanup_jobs: int = Field(default=0, ge=0, description="G7: job processes that may be more in the end")
    cleanup_processes: int = Field(default=0, ge=0, description="G7: likewise, processes of any kind")
    cleanup_threads: int = Field(default=8, ge=0, description="G7: likewise, threads; pools fill up slowly")
    cleanup_descriptors: int = Field(default=8, ge=0, description="G7: likewise, open files")
    cleanup_sockets: int = Field(default=4, ge=0, description="G7: likewise, open sockets")
    cleanup_room_s: float = Field(
        default=25, ge=0, description="G7: how long a room may stay after its call; LiveKit keeps it for 20 s"
    )
    run_bytes: int = Field(
        default=200_000_000, gt=0, description="G8: what the run may write into its own folder"
    )
    disk_left_bytes: int = Field(
        default=50_000_000, ge=0, description="G8: what must be free on the report's disk in the end"
    )
    disk_warn_fraction: float = Field(
        default=0.1, ge=0, lt=1, description="G8: free part of a disk below which a run warns"
    )
    cycle_wait_s: float = Field(
        default=0.5, gt=0, description="G9: shorter waits count as this long: their ratio says little"
    )
    cycle_slowdown: float = Field(
        default=1.5, ge=1, description="G9: the last cycles may take this many times as long as the first"
    )
    cycle_tail: float = Field(
        default=2.0,
        ge=1,
        description="G9: the slowest tenth of the cycles may take this many times as long as the typical first ones",
    )
    benefit_of_weights: float = Field(
        default=0.8, gt=0, description="G10: sharing must save this fraction of the weights with every call"
    )

    load_failed_calls: float = Field(
        default=0.01, ge=0, lt=1, description="L1: part of the calls of a load run that may fail"
    )
    load_turn_p50_s: float = Field(
        default=3.0, gt=0, description="L2: half of the replies must come within this"
    )
    load_turn_p95_s: float = Field(default=6.0, gt=0, description="L2: 95 % of the replies")
    load_turn_p99_s: float = Field(default=10.0, gt=0, description="L2: 99 % of the replies")
    load_join_s: float = Field(
        default=5.0, gt=0, description="L3: 95 % of the callers must hear the agent so soon after they dialed"
    )
    load_call_bytes: int = Field(
        default=100_000_000, gt=0, description="L4: a further call must add less than this"
    )
    load_total_bytes: int = Field(
        default=3_000_000_000, gt=0, description="L5: the whole tree must stay below this"
    )

    @field_validator("gap_s")
    @classmethod
    def _gap_is_recorded(cls, gap_s: float) -> float:
        if gap_s < SHORTEST_GAP_S:
            raise ValueError(
                f"gaps shorter than {SHORTEST_GAP_S:g} s are not recorded, so that a limit of {gap_s:g} s would not be "
                f"stricter: give {SHORTEST_GAP_S:g} or more"
            )
        return gap_s
