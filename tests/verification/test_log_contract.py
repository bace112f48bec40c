"""The patterns a gate file may change."""

import pytest
from pydantic import ValidationError
from voicegate.log_contract import LogContract


def test_defaults_cover_everything() -> None:
    """The packaged contract names models and reports memory."""
    assert LogContract().names_models
    assert LogContract().reports_memory
    assert LogContract().names_trouble


def test_empty_pattern_says_that_there_is_no_such_line() -> None:
    """An agent without one of the lines is not judged by any of its group."""
    assert not LogContract(asr_reusing="").names_models
    assert not LogContract(memory_healthy="").reports_memory


@pytest.mark.parametrize(
    ("key", "pattern", "message"),
    [
        ("asr_initializing", "(", "not a regular expression"),
        ("asr_reusing", r"ID \d+", r"must capture \(\?P<id>"),
        ("memory_high", r"\d+ MB", r"must capture \(\?P<megabytes>"),
        ("no_such_line", "x", "Extra inputs"),
        ("trouble", ["("], "not a regular expression"),
        ("tolerated", ["fine", "["], "not a regular expression"),
    ],
)
def test_unusable_patterns_are_refused(key: str, pattern: str | list[str], message: str) -> None:
    """A pattern that does not compile or captures nothing is refused by name."""
    with pytest.raises(ValidationError, match=message) as refused:
        LogContract.model_validate({key: pattern})
    assert key in str(refused.value)


def test_a_contract_without_lines_waits_for_none() -> None:
    """An agent whose log is not read is expected to say nothing, and nothing it says is trouble."""
    contract = LogContract.without_lines()

    assert not contract.names_models
    assert not contract.reports_memory
    assert not contract.names_trouble
    assert contract.megabyte_bytes == 1_000_000
