"""Kinds of faults: at which calls (or reports) of a run a fault shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["steady", "intermittent", "late", "slow-tailed", "step", "dying"]
Draw = np.random.Generator
Values = NDArray[np.floating[Any]]
Places = NDArray[np.bool_]

KINDS: Mapping[Kind, str] = {
    "steady": "at every call",
    "intermittent": "at every fourth call, the first of them any of four",
    "late": "at every call of the last third",
    "slow-tailed": "at one call of every five, any of them",
    "step": "at every call from some point in the middle third on",
    "dying": "what works until some point in the middle third is gone from then on",
}
"""Every kind, and where it shows."""

LIVING: Sequence[Kind] = ("steady", "intermittent", "late", "slow-tailed", "step")
"""All kinds but that of an agent that dies."""


def places(kind: Kind, count: int, draw: Draw, further: int = 0) -> Places:
    """Choose at which of so many calls, and of further ones that were not planned, a fault of this kind shows in one run."""
    at = np.arange(count + further)
    choose: Mapping[Kind, Callable[[], Places]] = {
        "steady": lambda: at >= 0,
        "intermittent": lambda: (at + draw.integers(4)) % 4 == 0,
        "late": lambda: at >= count - -(-count // 3),
        "slow-tailed": lambda: at % 5 == draw.integers(0, 5, at.size)[at // 5],
        "step": lambda: at >= draw.integers(count // 3, 2 * count // 3 + 1),
        "dying": lambda: at >= draw.integers(count // 3, 2 * count // 3 + 1),
    }
    return choose[kind]()
