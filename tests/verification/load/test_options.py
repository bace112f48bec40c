"""The options of `voicegate load`: some are its own, all others are Locust's."""

import pytest
from voicegate.command_line import parse


@pytest.mark.parametrize(
    ("arguments", "no_early_stop", "locust"),
    [
        (["-u", "2", "--arrivals", "0.5/s"], False, ["-u", "2", "--arrivals", "0.5/s"]),
        (["-u", "2", "--no-early-stop", "-t", "1m"], True, ["-u", "2", "-t", "1m"]),
    ],
)
def test_what_is_not_ours_goes_to_locust(
    arguments: list[str], no_early_stop: bool, locust: list[str]
) -> None:
    """In the order it was given."""
    options = parse(["load", *arguments])
    assert options.no_early_stop is no_early_stop
    assert options.locust == locust
