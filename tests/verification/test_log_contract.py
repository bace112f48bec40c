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
    """An agent that does not say when a load begins says nothing of its models, unless the line that ends a load is written down."""
    assert not LogContract(asr_initializing="").names_models
    assert LogContract(asr_initializing="", asr_initialized="loaded").names_models
    assert not LogContract(asr_initializing="", asr_initialized="", asr_reusing="reused").names_models
    assert not LogContract(memory_healthy="").reports_memory


def test_what_is_left_is_enough() -> None:
    """One line of each load is; instances are known where the one that ends a load names them."""
    left = LogContract(asr_initialized="", tts_reusing="")
    assert left.names_models
    assert left.model_patterns("ASR").keys() == {"initializing", "reusing"}
    assert left.model_patterns("TTS").keys() == {"initializing", "initialized"}
    assert not left.names_instances
    assert not LogContract(tts_initialized="loaded").names_instances
    assert LogContract(asr_reusing="again").names_instances


@pytest.mark.parametrize(
    ("key", "pattern", "message"),
    [
        ("asr_initializing", "(", "not a regular expression"),
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
