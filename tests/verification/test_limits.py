"""The limits of all criteria together."""

import pytest
from pydantic import ValidationError
from voicegate.judge.registry import Limits


def test_defaults_are_the_guide() -> None:
    """The packaged limits are the numbers of the guide."""
    limits = Limits()
    assert limits.first_growth_of_weights == 0.8
    assert limits.first_growth_bytes == 2_000_000_000
    assert limits.extra_connection_bytes == 100_000_000
    assert limits.cycle_growth_bytes == 1_000_000
    assert limits.return_bytes == 100_000_000
    assert limits.total_bytes == 3_000_000_000
    assert (limits.monitor_interval_s, limits.monitor_tolerance_s, limits.monitor_error) == (60, 5, 0.05)
    assert limits.gap_s == 0.2


def test_every_limit_is_described() -> None:
    """Each limit says what it is for."""
    assert all(field.description for field in Limits.model_fields.values())


def test_speech_cannot_end_above_where_it_begins() -> None:
    """It would end with its first frame."""
    with pytest.raises(ValidationError, match="speech_ends_dbfs must not be above speech_begins_dbfs"):
        Limits(speech_begins_dbfs=-50, speech_ends_dbfs=-49)
    assert Limits(speech_begins_dbfs=-45, speech_ends_dbfs=-45).speech_ends_dbfs == -45


def test_limits_do_not_change() -> None:
    """Limits are frozen, and unknown ones refused."""
    assert Limits.model_config["frozen"] is True
    with pytest.raises(ValidationError):
        Limits.model_validate({"total_megabytes": 3000})
