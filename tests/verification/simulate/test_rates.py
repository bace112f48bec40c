"""The rates of every criterion: the fast version of `nox -s simulate`."""

import pytest
from voicegate.exit_codes import UsageError
from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Status
from voicegate.judge.registry import all_criteria
from voicegate.simulate.agent import Agent
from voicegate.simulate.agents import HEALTHY, LEFT_OUT, SCRIPTED, agents, chosen_agents, judged_by
from voicegate.simulate.kinds import KINDS
from voicegate.simulate.rates import SEED, Counts, Rate, count, rates_of

RUNS = 12
IDS = [id_ for one in all_criteria() if (id_ := short_id(one.id)) not in SCRIPTED]


@pytest.mark.parametrize(
    "at", range(len(agents())), ids=[f"{one.criterion or 'all'} {one.kind}" for one in agents()]
)
def test_rates_are_those_asked_for(at: int) -> None:
    """Few runs of each agent, always the same ones, never come out so badly as one in 1,000 tries of a criterion that keeps its rate."""
    for rate in rates_of(at, (), count(at, (), 0, RUNS, SEED)):
        assert rate.agent.shown_only or not rate.surely_missed, rate


@pytest.mark.parametrize("id_", IDS)
def test_every_kind_of_fault_is_simulated_or_left_out_with_a_reason(id_: str) -> None:
    """Each criterion has a healthy agent and a broken one, and says of every kind of fault what became of it."""
    own = [agent for agent in agents() if agent.criterion == id_]
    assert any(id_ in judged_by(agent) for agent in agents() if agent.good)
    assert any(not agent.good for agent in own)
    left_out = {kind for kinds in LEFT_OUT.get(id_, {}) for kind in kinds.split(", ")}
    assert {agent.kind for agent in own} & left_out == set()
    assert set(KINDS) <= {agent.kind for agent in own} | left_out


def test_the_same_seed_draws_the_same_runs() -> None:
    """In any order, and cut into any pieces."""
    at = agents().index(HEALTHY)
    assert count(at, ("C6",), 0, 4, 1) == count(at, ("C6",), 2, 4, 1) + count(at, ("C6",), 0, 2, 1)


def test_only_some_criteria() -> None:
    """Agents of the others are left out, and the healthy one is judged by those alone."""
    chosen = chosen_agents(["C6-stabilises", "L1"])
    assert {agent.criterion for agent in chosen} == {"", "C6", "L1"}
    assert judged_by(HEALTHY, ("C6", "L1")) == ("C6",)


def test_unknown_criterion_is_refused() -> None:
    """The message lists those that there are."""
    with pytest.raises(UsageError, match="--only C99: no such criterion; there are C1, C2"):
        chosen_agents(["C99"])


def rate(good: bool, right: int, of: int) -> Rate:
    """Make a rate with so many right outcomes."""
    agent = Agent("C6", "steady", "it leaks", HEALTHY.make, good=good)
    return Rate("C6", agent, right if good else of - right, 0 if good else right, of - right if good else 0)


@pytest.mark.parametrize(
    ("good", "right", "of", "reached", "surely_missed"),
    [
        (True, 990, 1000, True, False),
        (True, 989, 1000, False, False),
        (True, 970, 1000, False, True),
        (False, 950, 1000, True, False),
        (False, 949, 1000, False, False),
        (False, 920, 1000, False, True),
        (True, 24, 25, False, False),
        (True, 21, 25, False, True),
    ],
)
def test_what_is_reached(good: bool, right: int, of: int, reached: bool, surely_missed: bool) -> None:
    """99 % and 95 %; few runs miss them surely only by a lot."""
    one = rate(good, right, of)
    assert (one.runs, one.wrong) == (of, of - right)
    assert (one.reached, one.surely_missed) == (reached, surely_missed)


def test_what_is_not_run_counts_as_undecided() -> None:
    """A good agent whose criterion was not run was not passed."""
    at = agents().index(HEALTHY)
    (one,) = rates_of(at, ("C6",), Counts({("C6", Status.NOT_RUN): 2, ("C6", Status.PASS): 1}))
    assert (one.passed, one.failed, one.undecided) == (1, 0, 2)
