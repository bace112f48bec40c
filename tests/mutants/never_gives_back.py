"""What a crowd of callers needed is kept when all of them have left: 150 MB, once."""

from mutants.broken_agent import start
from voicegate_agent import admission

CROWD = 3
KEPT_BYTES = 150_000_000
KEPT: list[bytes] = []

reported_load = admission.reported_load
crowds: list[int] = []


def keep_after_crowd(calls: int, capacity: int) -> float:
    """Tell the load, which LiveKit asks for twice a second, and keep memory when a crowd has just left."""
    if calls >= CROWD:
        crowds.append(calls)
    if crowds and calls == 0 and not KEPT:
        KEPT.append(b"\1" * KEPT_BYTES)
    return reported_load(calls, capacity)


def break_it() -> None:
    """Look after crowds whenever the load is told."""
    admission.reported_load = keep_after_crowd


if __name__ == "__main__":
    break_it()
    start()
