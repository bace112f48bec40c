"""Changes to a recording: a part left out, cut off or replaced."""

from dataclasses import replace

from voicegate.record.events import CallEvent, CpuSample, Fault, Recording, VariantName


def without_phase(recording: Recording, name: str) -> Recording:
    """Leave a phase out, as a scenario without it would."""
    return replace(recording, phases=tuple(phase for phase in recording.phases if phase.name != name))


def cut_at(recording: Recording, t: float) -> Recording:
    """Keep what happened before a time, as a killed run would."""
    over = recording.end is not None and recording.end.t <= t
    return replace(
        recording,
        phases=tuple(event for event in recording.phases if event.t <= t),
        memory=tuple(event for event in recording.memory if event.t <= t),
        log=tuple(event for event in recording.log if event.t <= t),
        calls=tuple(event for event in recording.calls if event.t <= t),
        turns=tuple(event for event in recording.turns if event.t <= t),
        rooms=tuple(event for event in recording.rooms if event.t <= t),
        disks=tuple(event for event in recording.disks if event.t <= t),
        sources=tuple(event for event in recording.sources if event.t <= t),
        end=recording.end if over else None,
        variants={
            name: cut_at(variant, t)
            for name, variant in recording.variants.items()
            if variant.variant is None or variant.variant.t <= t
        },
    )


def last_t_of(recording: Recording) -> float:
    """Tell when the last part of a whole recording ends."""
    return max(part.end.t for part in (recording, *recording.variants.values()) if part.end is not None)


def change_variant(recording: Recording, name: VariantName, **changes: object) -> Recording:
    """Replace fields of one variant."""
    variant = replace(recording.variants[name], **changes)  # type: ignore[arg-type]
    return replace(recording, variants={**recording.variants, name: variant})


def change_turn(recording: Recording, call: str, **changes: object) -> Recording:
    """Replace fields of the turns of one call."""
    return replace(
        recording,
        turns=tuple(
            replace(turn, **changes) if turn.call == call else turn  # type: ignore[arg-type]
            for turn in recording.turns
        ),
    )


def phase_begin(recording: Recording, name: str) -> float:
    """Tell when a phase begins."""
    return next(phase.t for phase in recording.phases if phase.name == name)


def with_failed_call(recording: Recording, fault: Fault) -> Recording:
    """Add a call that failed by somebody's fault in its only turn, of which nothing came back."""
    t = 300.0
    dialed = CallEvent(t, "call-99", "dialed", "room-99", "cycle-99")
    answered = replace(dialed, t=t + 1, step="agent_audio")
    failed = replace(dialed, t=t + 9, step="failed", detail="it stopped", fault=fault)
    cut_off = replace(
        recording.turns[-1],
        t=t + 2,
        call="call-99",
        transcript=None,
        reply_text=None,
        reply_start_t=None,
        heard_text=None,
    )
    return replace(
        recording, calls=(*recording.calls, dialed, answered, failed), turns=(*recording.turns, cut_off)
    )


def with_stall(recording: Recording, call: str) -> Recording:
    """Leave out two memory samples while a call's first turn takes place."""
    (t,) = (turn.speech_end_t for turn in recording.turns if turn.call == call)
    memory = tuple(sample for sample in recording.memory if not t <= sample.t <= t + 1)
    return replace(recording, memory=memory)


def with_usage(recording: Recording, agent_cores: float, busy_cores: float = 2.0) -> Recording:
    """Let the agent's main process use so many of two cores all the time, and everybody together so many."""
    memory = tuple(
        replace(
            sample,
            processes=tuple(
                replace(one, cpu_s=agent_cores * sample.t * (one.role == "main")) for one in sample.processes
            ),
        )
        for sample in recording.memory
    )
    looks = tuple(CpuSample(sample.t + 0.05, 2.0, busy_cores * sample.t, {}) for sample in recording.memory)
    return replace(recording, memory=memory, processors=looks)
