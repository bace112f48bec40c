"""The checks: facts in, answers out. A problem keeps a run from being measured, a warning may make it doubtful."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from voicegate.doctor.facts import (
    AgentFacts,
    DiskRoom,
    Facts,
    GivenServer,
    ModelFile,
    ServerProgram,
    UnbuiltServer,
)
from voicegate.doctor.work import disk_needed, memory_needed
from voicegate.drive.livekit_server.errors import THREE_WAYS
from voicegate.drive.page.program import HOW_TO_GET_ONE
from voicegate.names import GATE_FILE
from voicegate.quantity import format_bytes

OLDEST_PYTHON, FIRST_UNKNOWN_PYTHON = (3, 11), (3, 14)
CORES = 2
LONGEST_TICK_S = 0.001
LONGEST_CLOCK_OFF_S = 60.0
WARN_BELOW_FREE = 0.10
SPARE_MEMORY = 1.2
BASE_FILES, CALL_FILES = 256, 32

_NO_GATE_FILE = "`voicegate init` writes one for the agent in this folder; or name one with --gate FILE"
_NO_LIVEKIT_AGENTS = "name the agent's own interpreter in agent.command, such as .venv/bin/python, or install livekit-agents for this one"
_RUNS_ELSEWHERE = (
    "run the gate where the agent's processes are, with the command that starts them there, or give their agent.pid;"
    " with agent.running = true its calls alone are judged"
)


class CheckStatus(Enum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's outcome: what was looked at, what was seen, and what to do if that is not well."""

    what: str
    status: CheckStatus
    seen: str
    advice: str = ""


_Found = tuple[CheckStatus, str, str]
"""An answer without what was looked at."""


def examine(facts: Facts) -> tuple[CheckResult, ...]:
    """Make every check."""
    return tuple(CheckResult(what, *found) for what, check in CHECKS.items() for found in check(facts))


def _ok(seen: str) -> _Found:
    return CheckStatus.OK, seen, ""


def _warning(seen: str, advice: str) -> _Found:
    return CheckStatus.WARNING, seen, advice


def _problem(seen: str, advice: str) -> _Found:
    return CheckStatus.PROBLEM, seen, advice


def _python(facts: Facts) -> Iterator[_Found]:
    version = facts.machine.python
    seen = ".".join(map(str, version))
    fits = OLDEST_PYTHON <= version[:2] < FIRST_UNKNOWN_PYTHON
    yield _ok(seen) if fits else _problem(seen, "use Python 3.11, 3.12 or 3.13")


def _processor(facts: Facts) -> Iterator[_Found]:
    cores = facts.machine.cores
    seen = f"{cores} core{'s' if cores != 1 else ''} to run on"
    if cores < CORES:
        yield _warning(seen, "give it 2 cores: with one, replies and memory samples come late")
    else:
        yield _ok(seen)


def _clock(facts: Facts) -> Iterator[_Found]:
    off_s = facts.server.clock_off_s if isinstance(facts.server, GivenServer) else None
    tick_s = facts.machine.tick_s
    if tick_s > LONGEST_TICK_S:
        seen = f"counts in steps of {tick_s * 1000:.0f} ms"
        yield _warning(seen, "use another machine: waits cannot be measured more finely than that")
    elif off_s is not None and abs(off_s) > LONGEST_CLOCK_OFF_S:
        seen = f"{abs(off_s):.0f} s {'behind' if off_s > 0 else 'ahead of'} the LiveKit server's"
        yield _problem(seen, "set the clock: the server refuses keys of another time")
    else:
        yield _ok(f"steady, steps of {tick_s * 1e9:.0f} ns")


def _server(facts: Facts) -> Iterator[_Found]:
    match facts.server:
        case GivenServer() as given:
            yield _given_server(given)
        case ServerProgram(path=path, source=source, version=None, problem=problem):
            remedy = (
                "remove it from PATH or repair it" if source == "PATH" else "delete it to have it built again"
            )
            yield _problem(f"{path} on {source}: {problem}", remedy)
        case ServerProgram(path=path, source=source, version=version):
            where = "on PATH" if source == "PATH" else "built before, in the cache"
            yield _ok(f"{version}, {where}: {path}")
        case UnbuiltServer(go=None, problem=problem):
            yield _problem(problem or "none, and no Go to build one with", THREE_WAYS)
        case UnbuiltServer(version=version, go=go):
            yield _ok(f"{version} will be built, with {go}")


def _given_server(server: GivenServer) -> _Found:
    if not server.has_keys:
        advice = "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
        return _problem(f"{server.url}, but no key for it", advice)
    if not server.answers:
        advice = f"correct LIVEKIT_URL, or unset it. {THREE_WAYS}"
        return _problem(f"nothing answers at {server.url}", advice)
    if server.refusal is not None:
        advice = "correct LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
        return _problem(f"{server.url} refused the key: {server.refusal}", advice)
    return _ok(f"{server.url} answers and takes the key")


def _port(facts: Facts) -> Iterator[_Found]:
    if isinstance(facts.server, GivenServer):
        return
    if facts.port is None:
        yield _ok("a free one will be taken")
    elif facts.port_is_free:
        yield _ok(f"{facts.port} is free")
    else:
        advice = "give another one as livekit.port in the gate file, or leave it out for a free one"
        yield _problem(f"{facts.port} is taken", advice)


def _gate(facts: Facts) -> Iterator[_Found]:
    if facts.gate is None:
        seen = f"no {GATE_FILE} in this folder: the agent is unknown, so only the machine was checked"
        yield _problem(seen, _NO_GATE_FILE)
    else:
        yield _ok(str(facts.gate))


def _agent(facts: Facts) -> Iterator[_Found]:
    match facts.agent:
        case None:
            return
        case AgentFacts(missing=missing) if missing:
            advice = "correct agent.command or agent.working_directory in the gate file"
            yield _problem(f"not there: {', '.join(missing)}", advice)
        case AgentFacts(interpreter_problem=str(problem)):
            yield _problem(problem, _NO_LIVEKIT_AGENTS)
        case AgentFacts(client=str(client)):
            seen = f"{client} starts the agent elsewhere, where the gate cannot see its processes and memory"
            yield _warning(seen, _RUNS_ELSEWHERE)
        case AgentFacts(command=command):
            yield _ok(command)


def _models(facts: Facts) -> Iterator[_Found]:
    if facts.agent is None:
        return
    models = facts.models
    if models.problem is not None:
        yield _problem(models.problem, "run the command of agent.check yourself, and correct what it reports")
        return
    if not models.asked:
        known = "" if models.weights_bytes is None else f"{format_bytes(models.weights_bytes)} of weights; "
        yield _ok(f"{known}not checked, because the gate file has no agent.check")
        return
    parts = [_amount(models.files, state) for state in ("ready", "generate", "download")]
    yield _ok(f"{facts.profile}: {', '.join(filter(None, parts))}")


def _amount(files: Iterable[ModelFile], state: str) -> str:
    sizes = [file.bytes for file in files if file.state == state]
    names = {"ready": "there", "generate": "to be generated", "download": "to be downloaded"}
    number = f"{len(sizes)} file{'s' if len(sizes) != 1 else ''}"
    return f"{number}, {format_bytes(sum(sizes))} {names[state]}" if sizes else ""


def _memory(facts: Facts) -> Iterator[_Found]:
    needed, available = memory_needed(facts), facts.machine.available_bytes
    plan = facts.plan
    copies = "one copy" if plan.most_copies == 1 else f"{plan.most_copies} copies"
    own = " with imports of their own" if facts.agent is not None and facts.agent.own_imports else ""
    seen = (
        f"{format_bytes(available)} of {format_bytes(facts.machine.memory_bytes)} available, about {format_bytes(needed)}"
        f" needed at the peak of {plan.scenario} ({plan.most_calls} calls{own}, {copies} of the models)"
    )
    if needed > available:
        advice = "end other programs, or choose a smaller --scenario or --profile: memory that is swapped out is not counted"
        yield _problem(seen, advice)
    elif needed * SPARE_MEMORY > available:
        yield _warning(seen, "end other programs: the estimate may be too low")
    elif facts.agent is not None and facts.models.weights_bytes is None:
        advice = "give agent.weights_bytes in the gate file: without it the models do not count here, and C4 cannot be measured (turn C4 off if it loads no models)"
        yield _warning(seen, advice)
    else:
        yield _ok(seen)


def _disks(facts: Facts) -> Iterator[_Found]:
    by_device: dict[int, list[DiskRoom]] = {}
    for room in facts.disks:
        by_device.setdefault(room.device, []).append(room)
    for rooms in by_device.values():
        needed = sum(disk_needed(facts, room.purpose) for room in rooms)
        free, total = min(room.free_bytes for room in rooms), rooms[0].total_bytes
        places = dict.fromkeys(
            f"{room.purpose} in {room.path}" for room in rooms if disk_needed(facts, room.purpose)
        )
        if not places:
            continue
        seen = f"{format_bytes(free)} of {format_bytes(total)} free, {format_bytes(needed)} needed: {', '.join(places)}"
        if needed > free:
            yield _problem(seen, "make room, or give another folder with --out")
        elif free - needed < WARN_BELOW_FREE * total:
            yield _warning(seen, f"make room: less than {WARN_BELOW_FREE:.0%} of the disk will be free")
        else:
            yield _ok(seen)


def _clips(facts: Facts) -> Iterator[_Found]:
    listening = facts.listening
    if listening.clips_problem is not None:
        advice = "correct scenario.clips in the gate file, or install voicegate again"
        yield _problem(listening.clips_problem, advice)
    else:
        yield _ok(f"{listening.codes} with a code, {listening.sentences} others")


def _recognizer(facts: Facts) -> Iterator[_Found]:
    listening = facts.listening
    if listening.recognizer is None:
        seen = "none: nothing will listen to the replies"
        yield _warning(seen, "give recognizer.model in the gate file")
    elif listening.recognizer_state == "missing":
        seen = f"{listening.recognizer}: no model.bin in it"
        yield _problem(seen, "give the folder of a model as recognizer.model")
    elif not listening.ears_fit:
        seen = f"{listening.ears}: replies with others make G4 an ERROR"
        advice = 'set recognizer.model to "packaged" (Whisper base), or to the folder of a Whisper model'
        yield _warning(seen, advice)
    else:
        to_come = " (to be downloaded)" if listening.recognizer_state == "download" else ""
        yield _ok(f"{listening.ears}{to_come}")


def _log(facts: Facts) -> Iterator[_Found]:
    if facts.agent is None:
        return
    instances = [] if facts.log.names_instances else ["C3 (no ids in the lines about models)"]
    left_out = [
        *(instances if facts.log.names_models else ["C1 to C3 (no lines about models)"]),
        *([] if facts.log.reports_memory else ["C8 (no memory reports)"]),
    ]
    seen = "all patterns compile"
    yield _ok(f"{seen}; not run: {', '.join(left_out)}" if left_out else seen)


def _open_files(facts: Facts) -> Iterator[_Found]:
    allowed, needed = facts.machine.open_files, BASE_FILES + CALL_FILES * facts.plan.most_calls
    if allowed < needed:
        seen = f"{allowed} allowed at once, {needed} may be needed"
        yield _problem(seen, f"`ulimit -n {max(1024, needed)}` before the run")
    else:
        yield _ok(f"{allowed} allowed at once")


def _browser(facts: Facts) -> Iterator[_Found]:
    if facts.needs_browser and facts.browser is None:
        yield _warning("no Chromium or Chrome on PATH", f"G5 will not be run without one. {HOW_TO_GET_ONE}")
    elif facts.needs_browser:
        yield _ok(f"{facts.browser}, for G5")


CHECKS: Mapping[str, Callable[[Facts], Iterator[_Found]]] = {
    "gate file": _gate,
    "python": _python,
    "processor": _processor,
    "clock": _clock,
    "open files": _open_files,
    "server": _server,
    "port": _port,
    "agent": _agent,
    "models": _models,
    "memory": _memory,
    "disk": _disks,
    "clips": _clips,
    "recognizer": _recognizer,
    "browser": _browser,
    "log": _log,
}
"""What is looked at, in the order it is shown."""
