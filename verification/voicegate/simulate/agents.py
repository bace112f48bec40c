"""Every simulated agent, and which kinds of faults a criterion does not have, with the reason."""

from collections.abc import Mapping, Sequence
from functools import cache

from voicegate.exit_codes import UsageError
from voicegate.judge.criterion import Criterion, short_id
from voicegate.judge.registry import CRITERIA, Limits, all_criteria
from voicegate.record.events import Recording
from voicegate.simulate.agent import Agent
from voicegate.simulate.call_agents import call_agents
from voicegate.simulate.kinds import Draw
from voicegate.simulate.load_agents import load_agents
from voicegate.simulate.memory_agents import memory_agents
from voicegate.simulate.runs import full_run, with_variant

_ONCE = "it is about the first call, and a run has only one"
_LEVEL = "memory is not something that can stop working"
_SILENT = "an agent that stops answering is found by G3 and G9"
_STATIC = "it is read from the source, where nothing happens by chance"
_VARIANT = "it is measured once, in a variant of its own"
SCRIPTED = ("T2", "T3", "T4", "T5", "T7", "T8")
"""Criteria that look at each of a few steps of a scripted call, and estimate nothing: they are not simulated."""

LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "C1": {"intermittent, late, slow-tailed, step, dying": _ONCE},
    "C2": {"dying": _SILENT},
    "C3": {"dying": _SILENT},
    "C4": {"intermittent, late, slow-tailed, step, dying": _ONCE},
    "C5": {"dying": _LEVEL},
    "C6": {"dying": _LEVEL},
    "C7": {
        "slow-tailed": "as intermittent: there are eight calls in its two phases",
        "step": "as late: there are two phases",
        "dying": _LEVEL,
    },
    "G1": {"intermittent, late, slow-tailed, step, dying": _STATIC},
    "G2": {"dying": _SILENT},
    "G4": {"dying": _SILENT},
    "G5": {"intermittent, late, slow-tailed, step, dying": "there are five calls, and each must go well"},
    "G6": {"intermittent, late, slow-tailed, step, dying": _VARIANT},
    "G7": {"dying": _LEVEL},
    "G8": {"intermittent, late, slow-tailed, step, dying": "the disk is looked at before and after the run"},
    "G10": {"intermittent, late, slow-tailed, step, dying": _VARIANT},
    "G11": {"dying": _SILENT},
    "L1": {
        "intermittent, slow-tailed, step": "a call fails or not: these are more failures than the limit's twofold"
    },
    "L3": {"dying": "an agent that takes no more calls is found by L1"},
    "L4": {
        "late, slow-tailed, step": "as intermittent and crowd: each step from one number of calls to the next is judged",
        "dying": _LEVEL,
    },
    "L5": {
        "steady, intermittent, late, slow-tailed, step": "more than one peak is only easier to see",
        "dying": _LEVEL,
    },
}
"""Kinds of faults, by criterion, of which no agent is simulated, and why."""


def _healthy(draw: Draw) -> Recording:
    """Draw a whole run of a healthy agent, variants included."""
    return with_variant(with_variant(full_run(draw, fresh_memory=True), "forced-gc", draw), "unshared", draw)


HEALTHY = Agent("", "healthy", "nothing is wrong", _healthy, good=True)
"""The agent that every criterion of a scenario must pass."""


@cache
def agents() -> tuple[Agent, ...]:
    """List every simulated agent, the healthy one first."""
    return (HEALTHY, *memory_agents(), *call_agents(), *load_agents())


def _short(criterion: Criterion[Limits]) -> str:
    return short_id(criterion.id)


def judged_by(agent: Agent, only: Sequence[str] = ()) -> tuple[str, ...]:
    """List the short ids of the criteria, of those asked for, that judge an agent."""
    own = (
        [agent.criterion]
        if agent.criterion
        else [id_ for id_ in map(_short, CRITERIA) if id_ not in SCRIPTED]
    )
    return tuple(id_ for id_ in own if not only or id_ in only)


def chosen_agents(only: Sequence[str]) -> tuple[Agent, ...]:
    """List the agents for some criteria, by their short or whole ids, or all. Raises UsageError for an unknown id."""
    return tuple(agent for agent in agents() if judged_by(agent, short_ids(only)))


def short_ids(only: Sequence[str]) -> tuple[str, ...]:
    """Find the criteria that are asked for. Raises UsageError for an unknown id."""
    known = {word: short_id(one.id) for one in all_criteria() for word in (one.id, short_id(one.id))}
    for word in only:
        if word not in known:
            raise UsageError(
                f"--only {word}: no such criterion; there are {', '.join(dict.fromkeys(known.values()))}"
            )
    return tuple(known[word] for word in only)
