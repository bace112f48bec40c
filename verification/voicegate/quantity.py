"""How measured values are written for people. Values are in base units: bytes, seconds, fractions, counts."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isinf
from typing import Literal

Unit = Literal["bytes", "bytes/call", "bytes/cycle", "s", "fraction", "count"]

_SYMBOLS: tuple[tuple[float, str, int], ...] = ((1e9, "GB", 2), (1e6, "MB", 1), (1e3, "kB", 1))


def format_bytes(value: float) -> str:
    """Write bytes with decimal prefixes: `1.85 GB`, `40.2 MB`, `−3.0 kB`, `12 B`."""
    sign = "−" if value <= -0.5 else ""
    for size, symbol, digits in _SYMBOLS:
        if abs(value) >= size:
            return f"{sign}{abs(value) / size:.{digits}f} {symbol}"
    return f"{sign}{abs(value):.0f} B"


def format_quantity(value: float, unit: Unit) -> str:
    """Write a value with its unit: `40.2 MB per call`, `60.1 s`, `3.2 %`, `21`."""
    match unit:
        case "bytes":
            return format_bytes(value)
        case "bytes/call":
            return f"{format_bytes(value)} per call"
        case "bytes/cycle":
            return f"{format_bytes(value)} per cycle"
        case "s":
            return _seconds(value)
        case "fraction":
            return f"{value * 100:.1f} %"
        case "count":
            return f"{value:g}"


def _seconds(value: float) -> str:
    """Write seconds; a wait that never ended is infinite."""
    if isinf(value):
        return "∞ s"
    return f"{value:.2f} s" if abs(value) < 10 else f"{value:.1f} s"


def format_amount(value: float, unit: Unit) -> str:
    """Write a value beside one whose unit is given in full: `100.0 MB` for bytes per call."""
    return format_bytes(value) if unit.startswith("bytes") else format_quantity(value, unit)


def number_of(count: int, what: str) -> str:
    """Write how many there are of something that takes an `s` in the plural: `1 call`, `2 calls`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def written_time(started_at: str) -> str:
    """Write a time of ISO 8601 as people read it: `2026-11-28 01:21 UTC`; what is none stays as it is."""
    try:
        time = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return started_at if time.tzinfo is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def if_known(write: Callable[[float, Unit], str], value: float | None, unit: Unit | None) -> str:
    """Write a value by one of these functions; nothing where it is not known."""
    return "" if value is None or unit is None else write(value, unit)


def format_signed(value: float, unit: Unit) -> str:
    """Write a margin: as `format_amount`, with its sign always shown."""
    return ("+" if value >= 0 else "−") + format_amount(abs(value), unit)
