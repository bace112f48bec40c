"""What kept an agent from more calls: the callers themselves, processors, memory, its own limit or a queue; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from voicegate.judge.load.callers import is_more_than_rare
from voicegate.measure.processor_usage import ELSEWHERE, Usage, called
from voicegate.measure.stalls import BUSY_CORES
from voicegate.record.events import CallerProcessSample
from voicegate.record.processor_time import CALLERS, GATE, SERVER

FULL = 0.8
"""From here on, as a part of all cores while callers waited, there was no processor left.

Not all of a wait is work: the agent first listens whether the caller goes on. Measured with the full-size models on two cores, both
calls waiting for the same host: 0.84; with one call, which holds: 0.68.
"""

BUSY_PROCESS_CORES = 0.9
"""From here on a process that does one thing at a time does nothing but that."""

_WORTH_A_WORD = 0.1  # part of all cores

NOT_THE_AGENT = ("callers", "server-cpu", "other-work")
"""Bottlenecks for which an agent that holds too few calls is not to blame."""

Kind = Literal["callers", "agent-cpu", "server-cpu", "other-work", "memory", "admission", "one-process", "queue", "unknown"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What it was, in a word and in a sentence."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a level that did not hold.

    `usage` is that of the times in which a caller waited for a reply: it may be far from the mean. `broken` are the short ids of
    the criteria that failed, `late` says that the callers were late themselves, if they were;
    `unanswered` of the `failed` calls never saw an agent, `own_fault` of them failed for something on the caller's side.
    """

    broken: frozenset[str]
    usage: Usage
    looks: tuple[CallerProcessSample, ...]
    late: str | None
    failed: int = 0
    unanswered: int = 0
    own_fault: int = 0


def find_bottleneck(signs: Signs) -> Bottleneck:
    """Decide, the callers first: what they could not do says nothing about the agent."""
    plain = _plain(signs)
    if plain is not None:
        return plain
    if is_full(signs.usage):
        return _who_filled_it(signs)
    if signs.late is not None:
        return Bottleneck("callers", signs.late)
    if signs.own_fault:
        return Bottleneck("callers", f"{signs.own_fault} calls failed because of their callers")
    return _with_processors_free(signs.usage)


def _plain(signs: Signs) -> Bottleneck | None:
    """See what needs no look at the agent's processors."""
    if too_busy(signs.looks):
        most = max(look.cores for look in signs.looks)
        return Bottleneck(
            "callers", f"the callers' own process, which can use one core only, used up to {most:.2f}"
        )
    if signs.broken == {"L5"}:
        return Bottleneck("memory", "memory, not time")
    if signs.broken == {"L1"} and 2 * signs.unanswered > signs.failed:
        return Bottleneck(
            "admission", f"no agent came to {signs.unanswered} calls: its own limit, or too few kept ready"
        )
    return None


def too_busy(looks: Iterable[CallerProcessSample]) -> bool:
    """Whether a process of callers used about all that one thread can, in more than a few looks."""
    looks = tuple(looks)
    return is_more_than_rare(sum(look.cores > BUSY_CORES for look in looks), len(looks))


def is_full(usage: Usage) -> bool:
    """Whether all processors were in use."""
    return usage.busy is not None and usage.available is not None and usage.busy >= FULL * usage.available


def _who_filled_it(signs: Signs) -> Bottleneck:
    usage = signs.usage
    ours = usage.others.get(CALLERS, 0.0) + usage.others.get(GATE, 0.0)
    rivals = {
        CALLERS: ours,
        SERVER: usage.others.get(SERVER, 0.0),
        ELSEWHERE: usage.others.get(ELSEWHERE, 0.0),
    }
    name = max(rivals, key=lambda one: rivals[one])
    of_all = f"of {usage.available:g} cores"
    if rivals[name] >= usage.agent_total:
        kind: Kind = {CALLERS: "callers", SERVER: "server-cpu", ELSEWHERE: "other-work"}[name]  # type: ignore[assignment]
        text = f"while callers waited, {called(name)} took {rivals[name]:.1f} {of_all}, the agent {usage.agent_total:.1f}"
        return Bottleneck(kind, text)
    role = max(usage.agent, key=lambda one: usage.agent[one])
    beside = [
        f"{called(one)} {cores:.1f}"
        for one, cores in rivals.items()
        if cores >= _WORTH_A_WORD * (usage.available or 0.0)
    ]
    text = (
        f"CPU: while callers waited, {called(role)} used {usage.agent[role]:.1f} {of_all},"
        f" the whole agent {usage.agent_total:.1f}"
    )
    text += f" (beside it {', '.join(beside)})" if beside else ""
    return Bottleneck("agent-cpu", text + ("; the callers were late too" if signs.late else ""))


def _with_processors_free(usage: Usage) -> Bottleneck:
    if not usage.agent or usage.available is None or usage.busy is None:
        return Bottleneck(
            "unknown", "not known: the processor time of the agent's processes was not measured"
        )
    free = f"{max(0.0, usage.available - usage.busy):.1f} of {usage.available:g} cores were free"
    if usage.busiest is not None and usage.busiest[1] >= BUSY_PROCESS_CORES:
        role, cores = usage.busiest
        return Bottleneck("one-process", f"one process: {called(role)} used {cores:.1f} cores while {free}")
    return Bottleneck(
        "queue", f"a queue: calls waited for each other, or for something outside, while {free}"
    )
