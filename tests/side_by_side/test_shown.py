"""What people read: the table, what is worse in words, and how it came out last."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from side_by_side.comparison import Comparison, ComparisonOutcome, Row
from side_by_side.measured import Measured, Pair, Spread
from side_by_side.shown import duration, show, three_digits, to_markdown


def one(ratio: float, name: str = "alone") -> Measured:
    """Give a benchmark with this ratio."""
    pair = Pair(
        "utterance", "faster-whisper", 0.1 * ratio, 0.1, Spread(ratio, ratio * 0.9, ratio * 1.1, 7), {}
    )
    return Measured(f"bench_asr.py::bench_{name}", "speech to text", pair)


def shown(comparison: Comparison, width: int = 150) -> str:
    """Write it on a terminal."""
    screen = io.StringIO()
    show(Console(file=screen, width=width), comparison)
    return screen.getvalue()


def test_word_errors_stand_beside_the_speed() -> None:
    """Of both ways."""
    heard = one(0.3)
    heard = replace(heard, pair=replace(heard.pair, wrong_words=(0.05, 0.1)))
    assert "words wrong: 5.0%, other 10.0%" in shown(
        Comparison((Row(heard, ComparisonOutcome.NEW),)), width=250
    )


SLOWER = Row(one(0.3), ComparisonOutcome.SLOWER, one(0.2, "alone"), "0007_x.json")


def test_what_is_slower_is_said_last() -> None:
    """The numbers are in its row, the words after the table, the whole in the last line."""
    lines = shown(Comparison((SLOWER,))).splitlines()
    assert lines[1].strip() == "speech to text"
    for part in (
        "alone",
        "30.0 ms",
        "100 ms",
        "0.300",
        "0.270 to 0.330",
        "0.200",
        "+50.0 %",
        "faster-whisper",
    ):
        assert part in lines[2]
    assert lines[-2] == "SLOWER: speech to text: alone: ratio 0.300, was 0.200 (+50.0 %) in 0007_x.json"
    assert lines[-1] == "1 benchmark slower than last time, by 20.0 % or more"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            Row(one(0.3), ComparisonOutcome.PERHAPS_SLOWER, one(0.2), "f.json", "for a reason"),
            "PERHAPS SLOWER, run again: speech to text: alone: ratio 0.300, was 0.200 (+50.0 %) in f.json; for a reason",
        ),
        (Row(one(0.1), ComparisonOutcome.FASTER, one(0.2), "f"), "Faster: speech to text: alone"),
        (
            Row(one(0.1), ComparisonOutcome.SAME, one(0.1), "f"),
            "1 benchmark compared with last time, none certainly slower",
        ),
        (Row(one(0.1), ComparisonOutcome.NEW), "Nothing to compare with yet"),
        (
            Row(one(0.1), ComparisonOutcome.NOT_COMPARED, reason="cores: 2, last time 8"),
            "alone: cores: 2, last time 8",
        ),
    ],
)
def test_every_outcome_has_its_words(row: Row, words: str) -> None:
    """On the terminal and in the summary."""
    comparison = Comparison((row,))
    assert words in shown(comparison)
    assert words in to_markdown(comparison)


def test_a_busy_machine_is_said() -> None:
    """Once, with what it makes uncertain."""
    busy, quiet = one(0.3, "busy"), one(0.2, "quiet")
    busy = replace(busy, pair=replace(busy.pair, others_share=0.37))
    text = shown(Comparison((Row(busy, ComparisonOutcome.NEW), Row(quiet, ComparisonOutcome.NEW))))
    assert "used up to 37% of the cores, which makes these uncertain: speech to text: busy\n" in text


def test_what_is_missing_is_named() -> None:
    """By the names that the table would have."""
    assert "Not measured this time: speech to text: gone" in shown(Comparison((SLOWER,), (one(1, "gone"),)))


def test_a_narrow_terminal_keeps_the_numbers() -> None:
    """Words are folded, numbers are not cut."""
    text = shown(Comparison((SLOWER,)), width=80)
    assert "0.270 to 0.330" in text
    assert "+50.0 %" in text


def test_markdown_is_a_table() -> None:
    """Every row has as many cells as the head."""
    rows = [line for line in to_markdown(Comparison((SLOWER, SLOWER))).splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {row.count("|") for row in rows} == {10}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8.9123, "8.91 s"), (1.0, "1.00 s"), (0.9999, "1000 ms"), (0.0123, "12.3 ms"), (85e-7, "8.50 µs")],
)
def test_times(seconds: float, text: str) -> None:
    """Three digits in a unit that fits."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.01257, "0.0126"), (1.2, "1.20"), (53.12, "53.1"), (1204.0, "1204"), (0.0, "0")]
)
def test_three_digits(value: float, text: str) -> None:
    """No exponents."""
    assert three_digits(value) == text
