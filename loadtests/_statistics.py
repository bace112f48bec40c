"""Lines of Locust's statistics."""

from locust.env import Environment


class CallProblem(Exception):  # noqa: N818 - what Locust's statistics show as a failure
    """What was wrong with a call."""

    def __repr__(self) -> str:
        return str(self)


def count(environment: Environment, name: str, response_s: float | None, problem: str | None) -> None:
    """Count what was done; a problem makes it a failure."""
    environment.events.request.fire(
        request_type="call",
        name=name,
        response_time=None if response_s is None else 1000 * response_s,
        response_length=0,
        exception=None if problem is None else CallProblem(problem),
        context={},
    )
