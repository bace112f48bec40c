"""Which way to fit a model is chosen."""

import pytest
from voicegate_agent.calibration.choice import CANDIDATES, FULL, choose
from voicegate_agent.calibration.hearing import Heard
from voicegate_agent.model_host.fitting import FULL_FRAMES

NARROW, WIDE = "5 s, then 15 s", "15 s"


def heard(cpu_s: float, *wrong_words: int) -> list[Heard]:
    """Give two clips of 100 words, each of its own kind."""
    return [
        Heard(kind, wrong, 100, cpu_s)
        for kind, wrong in zip(("digits", "sentence"), wrong_words, strict=True)
    ]


@pytest.mark.parametrize(
    ("narrow", "wide", "way"),
    [
        (heard(0.2, 10, 10), heard(0.6, 10, 10), NARROW),
        (heard(0.2, 11, 10), heard(0.6, 10, 10), NARROW),  # 0.5 points worse in all
        (heard(0.2, 11, 11), heard(0.6, 10, 10), WIDE),  # a point
        (heard(0.2, 13, 5), heard(0.6, 10, 10), WIDE),  # better in all, three points worse in digits
        (heard(0.2, 90, 10), heard(0.6, 10, 12), None),
        (heard(0.9, 10, 10), heard(0.9, 10, 10), None),  # it saves too little
    ],
)
def test_the_cheapest_way_within_the_bounds_is_chosen(
    narrow: list[Heard], wide: list[Heard], way: str | None
) -> None:
    """Of two; none where 30 s are the only way to hear as well."""
    choice = choose({FULL: heard(1.0, 10, 10), NARROW: narrow, WIDE: wide})
    assert choice.way == way
    assert choice.fitting == (CANDIDATES[way] if way else None)


def test_the_choice_says_why() -> None:
    """With the figures that decided."""
    full = heard(1.0, 10, 10)
    assert choose({FULL: full, NARROW: heard(0.2, 9, 10)}).why == (
        "0.20 of the processor time of 30 s, 9.5% of the words wrong instead of 10.0%, with a context of 5 s, then 15 s"
    )
    assert choose({FULL: full, NARROW: heard(0.2, 90, 10)}).why == (
        "the shorter contexts hear worse than 30 s: 5 s, then 15 s has 50.0% of the words wrong instead of 10.0% (all)"
    )
    assert choose({FULL: full, NARROW: heard(0.9, 9, 9)}).why == (
        "no shorter context saves 20% of the processor time of 30 s"
    )


def test_words_out_of_nothing_are_out_of_bounds() -> None:
    """A single "thank you" out of noise is enough."""
    spoken = Heard("short", 0, 1000, 1.0)
    silent = Heard("nobody speaks", 0, 0, 1.0)
    invented = Heard("nobody speaks", 2, 0, 0.1)
    found = {FULL: [spoken, silent], NARROW: [Heard("short", 0, 1000, 0.1), invented]}
    assert choose(found).way is None


def test_candidates_are_shorter_than_30_s() -> None:
    """Each differs from the others."""
    assert all(max(fitting.contexts) < FULL_FRAMES for fitting in CANDIDATES.values())
    assert len(set(CANDIDATES.values())) == len(CANDIDATES)
