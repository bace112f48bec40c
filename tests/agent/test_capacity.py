"""How many calls are taken at once."""

import pytest
from voicegate_agent.capacity import Capacity, chosen_capacity
from voicegate_agent.settings import AgentSettings

GATE_AT_ONCE = 5
"""Calls that the gate makes at once, on 2 cores in our CI."""


@pytest.mark.parametrize(("cores", "calls"), [(1, 5), (2, 10), (16, 80)])
def test_the_cores_decide_where_the_setting_does_not(cores: int, calls: int) -> None:
    """Five for each, and whoever reads the log learns why, and what to do about it."""
    found = chosen_capacity(AgentSettings().capacity, cores)
    assert (found.calls, found.source) == (calls, "cores")
    assert f"5 for each of {cores} cores" in found.why
    assert "VOICEGATE_CAPACITY" in found.why


def test_the_setting_decides() -> None:
    """Whatever the machine is."""
    assert chosen_capacity(7, 2) == Capacity(7, "setting", "VOICEGATE_CAPACITY says so")


def test_two_cores_take_the_gates_calls_while_those_before_them_end() -> None:
    """A call counts until its process has ended, some seconds after its caller left."""
    assert chosen_capacity(0, 2).calls >= 2 * GATE_AT_ONCE
