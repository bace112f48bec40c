"""Which way to fit a model, of those that were measured: the cheapest that hears as well as the full 30 s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicegate_agent.calibration.hearing import ALL, Heard, error_rate, kinds_of, mean_cpu_s
from voicegate_agent.model_host.fitting import BASE, TRAINED_SHORT, Fitting

FULL = "30 s"
"""The way that others are held against: Whisper's own."""

CANDIDATES = {
    "2.4 s": TRAINED_SHORT,
    "5 s, then 15 s": Fitting(contexts=(500, 1500), full_at_last=False, longest=1500),
    "5 s, then 15 s, timestamps": BASE,
    "15 s": Fitting(contexts=(1500,), full_at_last=False, longest=1500),
    "15 s, timestamps": Fitting(contexts=(1500,), timestamps=True, full_at_last=False, longest=1500),
}
"""Ways to fit a model by what they are called, the narrowest context first."""

WORSE_IN_ALL = 0.005
WORSE_IN_A_KIND = 0.02
LEAST_SAVED = 0.2
"""Bounds of a fitted context: word errors in all, and in any kind, above those of 30 s; and how much of its processor time it must save."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The way chosen, or None where 30 s is the only one within the bounds; `why` says it in a sentence."""

    way: str | None
    why: str

    @property
    def fitting(self) -> Fitting | None:
        """How the model is fitted from now on; None: not at all."""
        return CANDIDATES[self.way] if self.way else None


def choose(found: Mapping[str, Sequence[Heard]]) -> Choice:
    """Choose the way that takes the least processor time, of those within the bounds; `found` has `FULL` and candidates."""
    full = found[FULL]
    others = {way: heard for way, heard in found.items() if way != FULL}
    cheap = [
        way for way in sorted(others, key=lambda way: mean_cpu_s(others[way])) if _saves(others[way], full)
    ]
    for way in cheap:
        if _reason_against(others[way], full) is None:
            return Choice(way, f"{_gain(others[way], full)} with a context of {way}")
    if not cheap:
        return Choice(None, f"no shorter context saves {LEAST_SAVED:.0%} of the processor time of 30 s")
    return Choice(
        None,
        f"the shorter contexts hear worse than 30 s: {cheap[0]} {_reason_against(others[cheap[0]], full)}",
    )


def _saves(heard: Sequence[Heard], full: Sequence[Heard]) -> bool:
    return mean_cpu_s(heard) <= (1 - LEAST_SAVED) * mean_cpu_s(full)


def _gain(heard: Sequence[Heard], full: Sequence[Heard]) -> str:
    return (
        f"{mean_cpu_s(heard) / mean_cpu_s(full):.2f} of the processor time of 30 s, "
        f"{error_rate(heard):.1%} of the words wrong instead of {error_rate(full):.1%},"
    )


def _reason_against(heard: Sequence[Heard], full: Sequence[Heard]) -> str | None:
    """Say where a way is out of bounds, or None."""
    for kind in (ALL, *kinds_of(full)):
        rate, of_full = error_rate(heard, kind), error_rate(full, kind)
        if rate > of_full + (WORSE_IN_ALL if kind == ALL else WORSE_IN_A_KIND):
            return f"has {rate:.1%} of the words wrong instead of {of_full:.1%} ({kind})"
    return None
