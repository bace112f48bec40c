"""How many calls are taken at once: what the setting says, else what the processors carry."""

from dataclasses import dataclass
from typing import Literal

CALLS_PER_CORE = 5
"""Calls that talk at once, for each core that the agent has to itself: 4.6 to 5.5 held on 2 cores (docs/capacity.md)."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """A number of calls, and where it comes from, for machines and for people."""

    calls: int
    source: Literal["setting", "cores"]
    why: str


def chosen_capacity(setting: int, cores: int) -> Capacity:
    """Take the setting, or where it is 0 as many calls as talk at once on so many cores."""
    if setting:
        return Capacity(setting, "setting", "VOICEGATE_CAPACITY says so")
    why = f"{CALLS_PER_CORE} for each of {cores} cores; VOICEGATE_CAPACITY sets another number"
    return Capacity(CALLS_PER_CORE * cores, "cores", why)
