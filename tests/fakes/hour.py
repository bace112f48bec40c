"""An hour of calls that never took place, with as many events of each kind as a real hour has.

The rates are those of a real soak of this project's agent with calls in processes: a memory sample of about 9 processes every
0.5 s, and for each call 13 log lines, 5 steps, 2 phases, and a turn that is written twice.
"""

from collections.abc import Iterable
from dataclasses import replace

from fakes.recordings import Run
from voicegate.record.events import Event, LogLine, MemorySample, ProcessMemory, Recording, Turn
from voicegate.testing.agent_lines import MB, shared_models
from voicegate.testing.files import events_in_time

CYCLE_S = 12.0
OTHER_S = 193.0
"""What `Run` plays besides its cycles: the phases before them, the quiet one, and two variants."""

IDLE_JOBS = 5
LINES_OF_A_CALL = (
    "received job request",
    "initializing process",
    "process initialized",
    "Using LOCAL STT (faster-whisper) with shared model",
    "Using LOCAL TTS (Piper) with shared engine",
    "✅ Local TTS initialized with shared engine",
    "RoomIO linked to participant",
    "adaptive interruption is disabled by default in production mode",
    "closing agent session due to participant disconnect (disable via `RoomInputOptions.close_on_disconnect=False`)",
    "process exiting",
)


def hour(duration_s: float = 3600.0) -> Recording:
    """Make a recording of a healthy agent that lasts so long."""
    run = Run(cycles=round((duration_s - OTHER_S) / CYCLE_S), lines=chatty_lines)
    made = run.recording()
    variants = {name: _with_idle_jobs(variant) for name, variant in made.variants.items()}
    return replace(_with_idle_jobs(made), variants=variants)


def written_events(recording: Recording) -> list[Event]:
    """List the events of a recording as a run writes them: turns once unheard, and again when they were listened to."""
    events: list[Event] = []
    for event in events_in_time(recording):
        if isinstance(event, Turn):
            events.append(replace(event, heard_text=None))
        events.append(event)
    return events


def chatty_lines(t: float, room: str, first: bool) -> Iterable[LogLine]:
    """Write about a call what the agent and LiveKit write together."""
    yield from (replace(line, level="INFO") for line in shared_models(t, room, first))
    for number, message in enumerate(LINES_OF_A_CALL):
        yield LogLine(t + 0.5 + 0.02 * number, message, "INFO", 100, room)


def _with_idle_jobs(recording: Recording) -> Recording:
    return replace(recording, memory=tuple(map(_with_more_processes, recording.memory)))


def _with_more_processes(sample: MemorySample) -> MemorySample:
    idle = (
        ProcessMemory(900 + place, 10, "job", "python", 9 * MB, 8 * MB, 80 * MB, 14, 30, 8)
        for place in range(IDLE_JOBS)
    )
    return replace(sample, processes=(*sample.processes, *idle))
