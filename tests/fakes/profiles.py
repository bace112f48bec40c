"""Captures and recordings of profiled runs that never took place."""

from collections.abc import Callable
from dataclasses import replace

from fakes.recordings import MB, Run
from voicegate.profiling.allocation_profile import Frame, Place
from voicegate.profiling.capture import Capture, HeapSample
from voicegate.record.events import LogLine, Recording

BEGAN_UNIX_S = 1_800_000_000.0
MAIN_PID, HOST_PID, FIRST_JOB_PID = 10, 20, 100

LOADING = Frame("load", "/srv/venv/lib/python3.11/site-packages/faster_whisper/transcribe.py", 689)
LEAKING = Frame("remember", "/srv/agent/speech/local_stt.py", 42)
CALLING = Frame("transcribe", "/srv/agent/call.py", 7)


def profiled_recording(run: Run | None = None) -> Recording:
    """Make the recording of a run whose log says which process took which call: each has its own."""
    recording = (run or Run(variants=(), cycles=3, quiet_s=4)).recording()
    rooms = sorted({event.room for event in recording.calls})
    lines = [
        LogLine(recording.calls[0].t, "joined", pid=FIRST_JOB_PID + at, room=room)
        for at, room in enumerate(rooms)
    ]
    header = replace(
        recording.header,
        environment=recording.header.environment | {"began_unix_s": BEGAN_UNIX_S, "profiled": "by memray"},
    )
    return replace(recording, header=header, log=(*recording.log, *lines))


def made_capture(
    role: str,
    pid: int,
    level_bytes: Callable[[float], float],
    *,
    begin_t: float = 0.0,
    end_t: float = 1000.0,
    whole: bool = True,
    at_peak: tuple[Place, ...] = (),
    grown: tuple[Place, ...] | None = None,
) -> Capture:
    """Make the capture of a process that lived from `begin_t` to `end_t` of the recording, and held so much at each time."""
    times = [begin_t + 0.5 * step for step in range(int((end_t - begin_t) / 0.5) + 1)]
    heap = tuple(HeapSample(BEGAN_UNIX_S + t, round(level_bytes(t))) for t in times)
    peak = max(one.bytes for one in heap)
    return Capture(
        file=f"{role}-{pid}.bin",
        role=role,
        pid=pid,
        whole=whole,
        size_bytes=1 * MB,
        peak_bytes=peak,
        heap=heap,
        at_peak=at_peak or (Place((LOADING, CALLING), peak, 3),),
        at_end=(Place((), 2 * MB, 5), Place((LOADING,), 1 * MB, 1)),
        grown=grown,
    )
