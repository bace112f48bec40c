"""Recordings of runs that never took place: a healthy agent's by default, with whatever you ask for wrong in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from voicegate.record.events import (
    AgentVariant,
    Assignment,
    CallEvent,
    Disk,
    End,
    Header,
    Left,
    LogLine,
    MemorySample,
    Phase,
    ProcessEvent,
    ProcessMemory,
    Recording,
    Rooms,
    Source,
    Turn,
    VariantName,
)
from voicegate.testing.agent_lines import MB, Lines, models_per_call, report_line, shared_models, spoken
from voicegate.testing.made_up_conversation import MadeUpConversation
from voicegate.testing.made_up_page import made_up_page, made_up_page_calls

GB = 1_000_000_000
WEIGHTS_BYTES = 832 * MB


@dataclass(frozen=True, slots=True)
class MadeUpRun:
    """A run as `recording()` makes it up: the scenario `full` with 10 cycles, against a healthy agent that logs as ours does.

    Change what the agent does wrong: `MadeUpRun(leak_bytes=5 * MB)`. Memory is proportional set size (PSS) in bytes,
    times are in seconds. `lines` writes what a call logs, from its time, its room and whether it is the first.
    """

    base_bytes: int = 500 * MB  # the agent before its first call
    per_call_bytes: int = 40 * MB  # what a call adds while it is up
    leak_bytes: int = 0  # what every call leaves behind for good
    levels: Mapping[str, int] = field(default_factory=dict)  # settled PSS by phase, in place of the above
    noise_bytes: Callable[[int], int] = lambda _: 0  # added to sample number n
    weights_bytes: int | None = WEIGHTS_BYTES  # what the header says the models weigh; None if unknown
    loaded_bytes: int = WEIGHTS_BYTES  # what the first call adds for good
    cycles: int = 10
    quiet_s: float = 40.0  # the rest at the end
    sample_interval_s: float = 0.5
    lines: Lines = shared_models
    monitor_interval_s: float = 60.0  # how often the agent reports its memory; 0 for never
    monitor_factor: float = 1.0  # what it reports, as a multiple of the truth
    garbage_bytes: int = 20 * MB  # what the forced collection of the variant `forced-gc` gives back
    unshared_per_call_bytes: int = WEIGHTS_BYTES + 60 * MB  # what a call costs in the variant `unshared`
    free_bytes: tuple[int, int] = (50 * GB, 50 * GB - 100 * MB)  # of a disk of 100 GB, before and after
    written_bytes: int = 4 * MB  # into the run's own folder
    variants: tuple[VariantName, ...] = ("forced-gc", "unshared")
    page: bool = True  # calls from a web page between the main run and the variants
    conversation: bool = (
        False  # one more call, after the second one, that follows the script of a conversation
    )

    def recording(self) -> Recording:
        """Make the recording, as if it had been read from a file."""
        maker = _Maker(self, 1.0)
        proper = replace(maker.make(_scenario(self)), sources=(shared_source(0.2),))
        if self.page:
            pages, calls = (made_up_page(maker.t - 31.0),), made_up_page_calls(maker.t - 30.0)
            proper = replace(proper, pages=pages, page_calls=calls)
        made: dict[VariantName, Recording] = {}
        t = maker.t
        for name in self.variants:
            made[name], t = _MAKERS[name](self, t + 0.5)
        disks = tuple(
            Disk(at, "report", "/srv/reports", free, 100 * GB, written)
            for at, free, written in zip(
                (0.2, maker.t), self.free_bytes, (0, self.written_bytes), strict=True
            )
        )
        return replace(proper, disks=disks, variants=made)


class _Maker:
    def __init__(self, run: MadeUpRun, t: float, prefix: str = "") -> None:
        self.run = run
        self.t = t
        self.prefix = prefix
        self.calls_made = 0
        self.loaded = False
        self.phases: list[Phase] = []
        self.memory: list[MemorySample] = []
        self.log: list[LogLine] = [LogLine(t - 0.5, "registered worker", pid=10)]
        self.processes = (ProcessEvent(t - 0.8, "agent", "started", 10),)
        self.rooms: list[Rooms] = []
        self.calls: list[CallEvent] = []
        self.turns: list[Turn] = []
        self.scripted: MadeUpConversation | None = None

    def make(self, scenario: list[tuple[str, int, float]]) -> Recording:
        for name, calls, duration_s in scenario:
            self.phase(name, calls, duration_s)
        self.monitor()
        script = self.scripted
        return Recording(
            header=Header(
                started_at="2026-11-22T13:00:00Z",
                profile="rehearsal",
                isolation="process",
                agent_command=("python", "-m", "voicegate_agent", "start"),
                weights_bytes=self.run.weights_bytes,
                environment={"python": "3.11.7", "cpu_count": 2, "packages": {"livekit": "1.1.21"}},
            ),
            phases=tuple(self.phases),
            memory=tuple(self.memory),
            log=tuple(sorted(self.log, key=lambda line: line.t)),
            calls=tuple(sorted(self.calls, key=lambda event: event.t)),
            turns=tuple(self.turns),
            steps=script.steps if script else (),
            sounds=(script.sound(),) if script else (),
            scripted=script.turns if script else (),
            processes=self.processes,
            rooms=tuple(self.rooms),
            end=End(self.t, "complete"),
        )

    def phase(self, name: str, calls: int, duration_s: float) -> None:
        begin_t, end_t = self.t, self.t + duration_s
        self.phases.append(Phase(begin_t, name, "begin", calls))
        for place in range(calls):
            self.call(name, begin_t + 0.1 * place, end_t)
        before = self.memory[-1].processes if self.memory else ()
        level = self.level(name, calls)
        while self.t < end_t:
            starting = calls > 0 and self.t < begin_t + 1 and before
            self.memory.append(self.sample(level, None if not starting else before, calls))
            self.t = round(self.t + self.run.sample_interval_s, 3)
        self.t = end_t
        up = tuple(event.room for event in self.calls if event.phase == name and event.step == "dialed")
        self.rooms.append(Rooms(end_t, up))
        self.phases.append(Phase(end_t, name, "end", calls))

    def level(self, name: str, calls: int) -> int:
        if name in self.run.levels:
            return self.run.levels[name]
        weights = self.run.loaded_bytes if self.loaded else 0
        return (
            self.run.base_bytes
            + weights
            + calls * self.run.per_call_bytes
            + self.calls_made * self.run.leak_bytes
        )

    def sample(self, level: int, same_as: tuple[ProcessMemory, ...] | None, calls: int) -> MemorySample:
        if same_as is not None:
            return _sample(self.t, same_as)
        level += self.run.noise_bytes(len(self.memory))
        main, jobs = 120 * MB, 30 * MB * calls
        parts = [(10, 1, "main", main), (20, 10, "model-host", level - main - jobs)]
        parts += [(100 + place, 10, "job", 30 * MB) for place in range(calls)]
        processes = tuple(
            ProcessMemory(pid, ppid, role, "python", pss, int(pss * 0.9), int(pss * 1.2), 16, 40, 12)
            for pid, ppid, role, pss in parts
        )
        return _sample(self.t, processes)

    def call(self, phase: str, t: float, end_t: float) -> None:
        first = not self.loaded
        self.loaded = True
        self.calls_made += 1
        name, code = f"{self.prefix}call-{self.calls_made:02d}", f"{1000 + 37 * self.calls_made}"
        room = f"{self.prefix}room-{self.calls_made:02d}"
        steps = (("dialed", t), ("joined", t + 0.2), ("agent_joined", t + 0.5), ("agent_audio", t + 0.9))
        self.calls += [CallEvent(at, name, step, room, phase) for step, at in steps]  # type: ignore[arg-type]
        self.calls.append(CallEvent(end_t, name, "hung_up", room, phase))
        self.log += self.run.lines(t + 0.55, room, first)
        self.turns.append(_turn(name, code, t + 1.5))
        if phase == "conversation":
            self.scripted = MadeUpConversation(name, t + 8.0)

    def monitor(self) -> None:
        t = 30.0
        while t < self.t and self.run.monitor_interval_s:
            near = min(self.memory, key=lambda sample: abs(sample.t - t))
            value = sum(process.pss_bytes for process in near.processes) * self.run.monitor_factor
            self.log.append(LogLine(t, report_line(value), pid=10))
            t += self.run.monitor_interval_s


def _sample(t: float, processes: tuple[ProcessMemory, ...]) -> MemorySample:
    """Make a sample of an agent that leaves nothing but the socket of its models beside its processes."""
    return MemorySample(
        t, 0.05, processes, zombies=Left(0), temporary=Left(1, ("models.sock",)), shared=Left(0)
    )


def shared_source(t: float) -> Source:
    """Make the static look at a module that sets its two models under a lock."""
    names = ("_SHARED_ASR_MODEL", "_SHARED_TTS_ENGINE")
    places = [Assignment(name, 10 + at, None, sets_none=True) for at, name in enumerate(names)]
    places += [Assignment(name, 30 + at, "get", False, ("_LOCK",)) for at, name in enumerate(names)]
    return Source(t, "agent/shared.py", names, tuple(places))


def _forced_gc(run: MadeUpRun, t: float) -> tuple[Recording, float]:
    """Make the variant in which the first report comes after the calls and gives memory back; returns its end too."""
    maker = _Maker(replace(run, monitor_interval_s=0, levels={}), t + 1, "forced-gc-")
    made = maker.make([("baseline", 0, 3.0), ("three-at-once", 3, 15.0), ("forced-gc", 0, 15.0)])
    report_t = maker.t - 7
    size = sum(process.pss_bytes for process in made.memory[-1].processes)
    text = f"High memory usage detected: {size / MB:.1f}MB - forcing garbage collection"
    return replace(
        made,
        memory=tuple(
            _heavier(sample, run.garbage_bytes) if sample.t <= report_t + 1 else sample
            for sample in made.memory
        ),
        log=(*made.log, LogLine(report_t, text, pid=10)),
        variant=AgentVariant(
            t, "forced-gc", ("python", "-m", "voicegate_agent", "start"), {"MONITOR_HIGH_BYTES": "1"}
        ),
    ), maker.t


def _unshared(run: MadeUpRun, t: float) -> tuple[Recording, float]:
    """Make the variant in which every call loads models of its own and gives them back; returns its end too."""
    without = replace(
        run,
        loaded_bytes=0,
        per_call_bytes=run.unshared_per_call_bytes,
        levels={},
        lines=models_per_call,
        monitor_interval_s=0,
    )
    maker = _Maker(without, t + 1, "unshared-")
    phases = (("baseline", 0), ("first-call", 1), ("after-first", 0), ("three-at-once", 3), ("after-all", 0))
    made = maker.make([(name, calls, 8.0) for name, calls in phases])
    variant = AgentVariant(
        t, "unshared", ("python", "-m", "voicegate_agent", "start"), {"SHARE_MODELS": "false"}
    )
    return replace(made, variant=variant), maker.t


_MAKERS: dict[VariantName, Callable[[MadeUpRun, float], tuple[Recording, float]]] = {
    "forced-gc": _forced_gc,
    "unshared": _unshared,
}


def _heavier(sample: MemorySample, by_bytes: int) -> MemorySample:
    """Let the tree's first process be heavier by so much."""
    first, *others = sample.processes
    return replace(sample, processes=(replace(first, pss_bytes=first.pss_bytes + by_bytes), *others))


def _scenario(run: MadeUpRun) -> list[tuple[str, int, float]]:
    steps = [
        ("baseline", 0, 6.0),
        ("first-call", 1, 12.0),
        ("after-first", 0, 6.0),
        ("second-call", 1, 10.0),
        ("after-second", 0, 6.0),
        *([("conversation", 1, 90.0), ("after-conversation", 0, 6.0)] if run.conversation else []),
        ("three-at-once", 3, 15.0),
        ("five-at-once", 5, 15.0),
        ("after-all", 0, 6.0),
    ]
    for number in range(1, run.cycles + 1):
        steps += [(f"cycle-{number:02d}", 1, 8.0), (f"after-cycle-{number:02d}", 0, 4.0)]
    return [*steps, ("quiet", 0, run.quiet_s)]


def _turn(call: str, code: str, t: float) -> Turn:
    said, reply = f"my code is {spoken(code)}", f"thank you your code is {spoken(code)}"
    return Turn(
        t=t,
        call=call,
        index=0,
        clip=f"code-{code}",
        said_text=said,
        said_code=code,
        expected_reply=reply,
        speech_start_t=t,
        speech_end_t=t + 2,
        reply_start_t=t + 2.5,
        reply_end_t=t + 5,
        latency_s=0.5,
        transcript=said,
        reply_text=reply,
        heard_text=reply,
        reply_audio_s=2.3,
        said_audio=f"audio/{call}-said.wav",
        heard_audio=f"audio/{call}-heard.wav",
    )
