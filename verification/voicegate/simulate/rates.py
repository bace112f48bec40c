"""How agents came out: each is drawn and judged so many times, each time from a seed of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from zlib import crc32

import numpy as np

from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules, all_criteria
from voicegate.simulate.agent import Agent
from voicegate.simulate.agents import agents, judged_by

ALARM_RATE, CATCH_RATE = 0.01, 0.95
SEED = 13

Counts = Counter[tuple[str, Status]]


@dataclass(frozen=True, slots=True)
class Rate:
    """How one criterion judged one kind of agent: how many of the runs passed, failed, and could not be measured."""

    criterion: str
    agent: Agent
    passed: int
    failed: int
    undecided: int

    @property
    def runs(self) -> int:
        """How many were judged."""
        return self.passed + self.failed + self.undecided

    @property
    def wrong(self) -> int:
        """How many came out as they should not: a good agent that did not pass, a broken one that did not fail."""
        return self.runs - (self.passed if self.agent.good else self.failed)

    @property
    def allowed(self) -> float:
        """The part of the runs that may."""
        return ALARM_RATE if self.agent.good else 1 - CATCH_RATE

    @property
    def reached(self) -> bool:
        """Whether no more did than may."""
        return self.wrong <= self.allowed * self.runs + 1e-9

    @property
    def surely_missed(self) -> bool:
        """Whether so many wrong runs come up in less than one of 1,000 tries of a criterion that just keeps its rate."""
        n, p = self.runs, self.allowed
        fewer = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(self.wrong))
        return 1 - fewer < 0.001


def count(at: int, only: Sequence[str], first: int, last: int, seed: int) -> Counts:
    """Draw and judge the runs `first` to `last` - 1 of the agent at this place; each has a seed of its own."""
    agent = agents()[at]
    ids = judged_by(agent, only)
    judges = [one for one in all_criteria() if short_id(one.id) in ids]
    name = crc32(f"{agent.criterion} {agent.kind} {agent.what}".encode())
    rules, counts = Rules(), Counts()
    for number in range(first, last):
        recording = agent.make(np.random.default_rng((seed, name, number)))
        counts.update((short_id(judge.id), judge(recording, rules).status) for judge in judges)
    return counts


def rates_of(at: int, only: Sequence[str], counts: Counts) -> tuple[Rate, ...]:
    """Sum up how the agent at this place came out, by criterion; NOT RUN is not measured either."""
    agent = agents()[at]

    def rate(id_: str) -> Rate:
        undecided = counts[id_, Status.ERROR] + counts[id_, Status.NOT_RUN]
        return Rate(id_, agent, counts[id_, Status.PASS], counts[id_, Status.FAIL], undecided)

    return tuple(map(rate, judged_by(agent, only)))
