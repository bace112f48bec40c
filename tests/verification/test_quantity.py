"""Quantities for people."""

import pytest
from voicegate.quantity import Unit, format_bytes, format_quantity, format_signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (40_200_000, "40.2 MB"),
        (1_850_000_000, "1.85 GB"),
        (-333_100, "−333.1 kB"),
        (-0.2, "0 B"),
    ],
)
def test_bytes(value: float, text: str) -> None:
    """Bytes are written with decimal prefixes and a true minus sign."""
    assert format_bytes(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (100e6, "bytes/call", "100.0 MB per call"),
        (1e6, "bytes/cycle", "1.0 MB per cycle"),
        (0.5, "s", "0.50 s"),
        (60.04, "s", "60.0 s"),
        (0.032, "fraction", "3.2 %"),
        (21, "count", "21"),
    ],
)
def test_units(value: float, unit: Unit, text: str) -> None:
    """Every unit has its symbol."""
    assert format_quantity(value, unit) == text


def test_margins_show_their_sign() -> None:
    """A margin says on which side of the limit it is."""
    assert format_signed(1e6, "bytes") == "+1.0 MB"
    assert format_signed(-5, "count") == "−5"
