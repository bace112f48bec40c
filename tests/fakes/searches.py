"""Recordings of searches for capacity that never took place: level after level, each as it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fakes.recordings import MB, Run
from voicegate.record.events import (
    CallerProcessSample,
    CallEvent,
    CpuSample,
    End,
    Fault,
    MemorySample,
    Phase,
    ProcessMemory,
    Recording,
    Turn,
)

_TURN = Run(cycles=0, variants=()).recording().turns[0]
_ROLES = ("main", "model-host", "job")


@dataclass(frozen=True, slots=True)
class MadeLevel:
    """So many callers who each say something every `every_s`, for `for_s` after the last of them was greeted.

    Of `calls` each caller makes one, and `failing` more calls find no agent; `waits_s` are gone through in turns, None is no reply.
    Cores are used by the roles main, model-host and job in this order; `lag_s` is how late the callers are.
    """

    calls: int
    waits_s: tuple[float | None, ...] = (1.0,)
    failing: int = 0
    for_s: float = 60.0
    every_s: float = 5.0
    join_s: float = 1.0
    pss_bytes: int = 900 * MB
    agent_cores: tuple[float, ...] = (0.1, 0.6, 0.2)
    callers_cores: float = 0.1
    server_cores: float = 0.1
    elsewhere_cores: float = 0.0
    cores: float = 2.0
    lag_s: float = 0.01
    caller_process_cores: float = 0.1
    ends: bool = True
    early_wait_s: float | None = None  # of a turn before all callers are there
    broken_off: bool = False  # callers are cut short in the end


def search_recording(levels: Sequence[MadeLevel], end: End | None = None) -> Recording:
    """Make the recording of a search; `end` instead of a regular one."""
    made = _Maker()
    for level in levels:
        made.level(level)
    base = Run(cycles=0, variants=()).recording()
    return Recording(
        header=replace(base.header, environment=base.header.environment | {"scenario": "load"}),
        phases=tuple(made.phases),
        memory=tuple(made.memory),
        calls=tuple(made.calls),
        callers=tuple(made.callers),
        processors=tuple(made.processors),
        turns=tuple(made.turns),
        end=end or End(made.t, "complete"),
    )


class _Maker:
    def __init__(self) -> None:
        self.t = 10.0
        self.used_s = [0.0, 0.0, 0.0]
        self.others_s = {"callers": 0.0, "livekit-server": 0.0, "gate": 0.0}
        self.busy_s = 100.0
        self.phases: list[Phase] = []
        self.memory: list[MemorySample] = []
        self.calls: list[CallEvent] = []
        self.callers: list[CallerProcessSample] = []
        self.processors: list[CpuSample] = []
        self.turns: list[Turn] = []

    def level(self, one: MadeLevel) -> None:
        begin_t = self.t
        full_t = begin_t + (one.calls - 1) / 2 + one.join_s
        stop_t = full_t + one.for_s
        self.phases.append(Phase(begin_t, f"level-{one.calls:02}", "begin", one.calls))
        name = f"{one.calls}-callers"
        self.phases.append(Phase(begin_t + 0.5, name, "begin", one.calls))
        for place in range(one.calls):
            self.call(one, place, begin_t + place / 2, full_t, stop_t)
        for number in range(one.failing):
            self.step(f"{one.calls}-refused-{number}", "dialed", full_t + 1)
            self.step(f"{one.calls}-refused-{number}", "failed", full_t + 21, "no agent joined within 20 s")
        self.phases.append(Phase(stop_t, name, "end", one.calls))
        self.samples(one, stop_t + 5)
        if one.ends:
            self.phases.append(Phase(self.t, f"level-{one.calls:02}", "end", one.calls))
        self.t += 5

    def call(self, one: MadeLevel, place: int, t: float, full_t: float, stop_t: float) -> None:
        name = f"{one.calls}-call-{place}"
        self.step(name, "dialed", t)
        self.step(name, "agent_joined", t + one.join_s / 2)
        self.step(name, "agent_audio", t + one.join_s)
        if one.early_wait_s is not None and place == 0:
            self.turn(name, 0, t + one.join_s, one.early_wait_s)
        starts = [full_t + 0.1 + number * one.every_s for number in range(int(one.for_s / one.every_s))]
        for number, start_t in enumerate(starts, start=1):
            self.turn(name, number, start_t, one.waits_s[(place + number) % len(one.waits_s)])
        if one.broken_off:
            self.step(name, "failed", stop_t + 4, "broken off", "run")
        self.step(name, "hung_up", stop_t + 4)

    def turn(self, call: str, index: int, start_t: float, wait_s: float | None) -> None:
        reply_t = None if wait_s is None else start_t + 2 + wait_s
        self.turns.append(
            replace(
                _TURN,
                t=start_t + 5,
                call=call,
                index=index,
                speech_start_t=start_t,
                speech_end_t=start_t + 2,
                reply_start_t=reply_t,
                reply_end_t=None if reply_t is None else reply_t + 1,
                latency_s=wait_s,
            )
        )

    def step(
        self, call: str, step: str, t: float, detail: str | None = None, fault: Fault | None = None
    ) -> None:
        self.calls.append(CallEvent(t, call, step, f"room-{call}", "load", detail, fault))  # type: ignore[arg-type]

    def samples(self, one: MadeLevel, end_t: float) -> None:
        others = {"callers": one.callers_cores, "livekit-server": one.server_cores, "gate": 0.0}
        busy = sum(one.agent_cores) + sum(others.values()) + one.elsewhere_cores
        while self.t < end_t:
            processes = tuple(
                ProcessMemory(10 + at, 1, role, "python", one.pss_bytes // 3, 1, 1, 9, 9, 1, used_s)
                for at, (role, used_s) in enumerate(zip(_ROLES, self.used_s, strict=True))
            )
            self.memory.append(MemorySample(self.t, 0.05, processes))
            self.processors.append(CpuSample(self.t, one.cores, self.busy_s, dict(self.others_s)))
            self.callers.append(
                CallerProcessSample(self.t, "callers-1", one.calls, one.caller_process_cores, one.lag_s)
            )
            self.t += 1.0
            self.used_s = [used_s + by for used_s, by in zip(self.used_s, one.agent_cores, strict=True)]
            self.others_s = {name: used_s + others[name] for name, used_s in self.others_s.items()}
            self.busy_s += busy
