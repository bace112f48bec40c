"""What a run would do first, and the memory and disk it would need: estimates from what was measured."""

from dataclasses import dataclass

from voicegate.doctor.facts import DiskPurpose, Facts, UnbuiltServer
from voicegate.drive.disk import NEEDED_BYTES
from voicegate.quantity import format_bytes
from voicegate.record.packaged_ears import EARS_BYTES

# Measured, livekit-server 1.11.0 with Go 1.26 on 2 cores: 2 minutes, 92 MB fetched, 50 MB program, 980 MB in Go's caches.
BUILD_S, BUILD_FETCHED_BYTES, BUILD_BYTES = 120.0, 92_000_000, 1_030_000_000
# Measured with 773.5 MB of weights: the first call adds at most 1.26 times the weights, a further one 53 MB, and the
# agent without models has 350 MB. The rest of BASE_BYTES is for gate, recognizer and server, by estimate.
MEMORY_OF_WEIGHTS, CALL_BYTES, BASE_BYTES = 1.26, 60_000_000, 1_000_000_000
# Measured, LiveKit's starter and BestBox's agent, livekit-agents 1.x in processes: a job brings 490 to 756 MB of imports.
JOB_BYTES = 600_000_000
GENERATED_BYTES_PER_S = 40_000_000  # measured: 768 MB in 20 s


@dataclass(frozen=True, slots=True)
class Work:
    """Something a run would do first, once; `about_s` is None where that depends on the network."""

    what: str
    bytes: int
    about_s: float | None


def work_ahead(facts: Facts) -> tuple[Work, ...]:
    """List what would be built, generated and downloaded before the first call."""
    work = []
    if _is_to_be_built(facts):
        what = f"build the LiveKit server (fetches {format_bytes(BUILD_FETCHED_BYTES)})"
        work.append(Work(what, BUILD_BYTES, BUILD_S))
    if generated := _bytes_of(facts, "generate"):
        work.append(
            Work(f"generate the {facts.profile} models", generated, generated / GENERATED_BYTES_PER_S)
        )
    if fetched := _bytes_of(facts, "download"):
        work.append(Work(f"download the {facts.profile} models", fetched, None))
    if facts.listening.recognizer_state == "download":
        work.append(Work("download the gate's packaged recognizer (Whisper base)", EARS_BYTES, None))
    return tuple(work)


def memory_needed(facts: Facts) -> int:
    """Estimate the memory of a run at its peak: agent, gate and server."""
    weights = (facts.models.weights_bytes or 0) * facts.plan.most_copies
    by_call = CALL_BYTES + (JOB_BYTES if facts.agent is not None and facts.agent.own_imports else 0)
    return round(BASE_BYTES + MEMORY_OF_WEIGHTS * weights + by_call * facts.plan.most_calls)


def disk_needed(facts: Facts, purpose: DiskPurpose) -> int:
    """Tell how much a run would write for a purpose."""
    match purpose:
        case "report":
            return NEEDED_BYTES
        case "models":
            return _bytes_of(facts, "generate") + _bytes_of(facts, "download")
        case "server":
            return BUILD_BYTES if _is_to_be_built(facts) else 0


def _is_to_be_built(facts: Facts) -> bool:
    return isinstance(facts.server, UnbuiltServer) and facts.server.go is not None


def _bytes_of(facts: Facts, state: str) -> int:
    return sum(file.bytes for file in facts.models.files if file.state == state)
