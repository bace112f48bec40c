"""In what shape callers come: Locust's load shapes, chosen by `--shape`. Users and times are those of Locust's options."""

import math
from argparse import Namespace
from collections.abc import Callable, Mapping

from locust import LoadTestShape

_AN_HOUR_S = 3600.0

Tick = tuple[int, float] | None


class Shape(LoadTestShape):
    """At most `users` callers, for `run_s` seconds at most."""

    abstract = True

    def __init__(self, users: int, run_s: float) -> None:
        super().__init__()
        self.users = users
        self.run_s = run_s


class Steps(Shape):
    """1, 2, 4, 8 … callers, each step as long as the others, the last with all, or until the time is up."""

    abstract = True

    def __init__(self, users: int, step_s: float, run_s: float) -> None:
        self._levels = levels_up_to(users)
        self._step_s = step_s
        super().__init__(users, min(run_s, len(self._levels) * step_s))

    def tick(self) -> Tick:
        """Give the number of callers now, and how many may come in a second."""
        t = self.get_run_time()
        level = self._levels[int(t // self._step_s)] if t < self.run_s else 0
        return (level, level) if level else None


class Churn(Shape):
    """All callers, then a quarter of them, then all again, until the time is up."""

    abstract = True

    def __init__(self, users: int, step_s: float, run_s: float) -> None:
        super().__init__(users, run_s)
        self._counts = (users, max(1, users // 4))
        self._step_s = step_s

    def tick(self) -> Tick:
        """Give the number of callers now; they come and go all at once."""
        t = self.get_run_time()
        return (self._counts[int(t // self._step_s) % 2], self._counts[0]) if t < self.run_s else None


class Steady(Shape):
    """The same number of callers until the time is up."""

    abstract = True

    def __init__(self, users: int, spawn_rate: float, run_s: float) -> None:
        super().__init__(users, run_s)
        self._tick = (users, spawn_rate)

    def tick(self) -> Tick:
        """Give the number of callers and how many may come in a second."""
        return self._tick if self.get_run_time() < self.run_s else None


def levels_up_to(users: int) -> list[int]:
    """List the powers of two below `users`, and `users`."""
    return [2**power for power in range((users - 1).bit_length())] + [users]


def _steps(options: Namespace) -> Shape:
    return Steps(options.num_users or 8, options.step_time, options.run_time or math.inf)


def _burst(options: Namespace) -> Shape:
    users = options.num_users or 10
    return Steady(users, users, options.run_time or options.step_time)


def _churn(options: Namespace) -> Shape:
    return Churn(options.num_users or 8, options.step_time, options.run_time or 6 * options.step_time)


def _soak(options: Namespace) -> Shape:
    return Steady(options.num_users or 3, options.spawn_rate or 1, options.run_time or _AN_HOUR_S)


SHAPES: Mapping[str, Callable[[Namespace], Shape]] = {
    "steps": _steps,
    "burst": _burst,
    "churn": _churn,
    "soak": _soak,
}
