"""G8: there is room on the disk: the run stays within its budget, and leaves enough free; under a tenth free warns."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    CriterionLimits,
    NotMeasured,
    NotRun,
    RulesFor,
)
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.measure.phases import cut_off
from voicegate.quantity import format_bytes, format_quantity
from voicegate.record.events import Disk, Recording

_HOUR_S = 3600.0
_SIZES_SINCE = 4  # the schema version from which the size of the run's folder is recorded


class Limits(CriterionLimits):
    """What a run may write, and what it must leave."""

    run_bytes: int = Field(
        default=200_000_000, gt=0, description="how much the run may write into its own folder, for each hour"
    )
    disk_left_bytes: int = Field(
        default=50_000_000, ge=0, description="how much must be free on the report's disk at the end"
    )
    disk_warn_fraction: float = Field(
        default=0.1, ge=0, lt=1, description="a smaller free part of a disk is a warning"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Measure what the run wrote and what is free in the end, and warn of disks that are nearly full."""
    disks = _all_disks(recording)
    variants_cut = tuple(caveat for variant in recording.variants.values() for caveat in cut_off(variant))
    if not disks:
        if cut := cut_off(recording) + variants_cut:
            raise NotMeasured(f"no measurement of the disk was recorded: {cut[0].reason}", cut[0].advice)
        raise NotRun("the recording has no measurement of the disk")
    fullest = min(disks, key=_free_fraction)
    least, warnings = _least(fullest, len(disks), rules.limits)
    report = [disk for disk in disks if disk.purpose == "report"]
    return Conclusion(
        measurements=(least, *_written(report, rules.limits), *_left(report, rules.limits)),
        evidence=tuple(map(_describe, disks)),
        stability=f"{len(disks)} measurements of the disk",
        caveats=(*variants_cut, *_unknown(recording, report)),
        warnings=warnings,
        met=f"at least {format_quantity(least.value, 'fraction')} of the disk is free",
    )


judge = Criterion(
    id="G8-disk",
    title="there is room on the disk",
    question="Does the run fit on the disk?",
    passes="the run fits on the disk; under 10 % free warns",
    formula="bytes in the run's folder; free bytes on the disk / size of the disk",
    how=(
        "The run's own folder must stay within its budget (that of one hour; longer runs have more, in "
        "proportion), and enough must be free on the report's disk at the end. Files of other programs do "
        "not count. A disk that is nearly full is a warning."
    ),
    when_it_fails="free some space, or send the report to another disk with --out",
    limits=Limits,
    measure=measure,
    owes=("least free part of the disk", "free on the report's disk in the end"),
)


def _all_disks(recording: Recording) -> Sequence[Disk]:
    """List every look at a disk, also those that fell into a variant, in the order they were taken."""
    parts = (recording, *recording.variants.values())
    return sorted((disk for part in parts for disk in part.disks), key=lambda disk: disk.t)


def _free_fraction(disk: Disk) -> float:
    return disk.free_bytes / max(1, disk.total_bytes)


def _least(fullest: Disk, samples: int, limits: Limits) -> tuple[Measurement, tuple[Caveat, ...]]:
    """Measure the fullest disk, which never fails a run, and warn where it is nearly full."""
    free, bound = _free_fraction(fullest), Bound(Side.AT_LEAST, limits.disk_warn_fraction)
    what = f"least free part of the disk for the {fullest.purpose}"
    measured = Measurement(what, free, "fraction", "free disk", bound, samples=samples, decided=Status.PASS)
    if bound.holds(free):
        return measured, ()
    reason = f"only {format_quantity(free, 'fraction')} of the disk below {fullest.path} is free"
    return measured, (Caveat(reason, f"free some space there: {format_bytes(fullest.free_bytes)} are left"),)


def _written(report: Sequence[Disk], limits: Limits) -> tuple[Measurement, ...]:
    sizes = [disk.written_bytes for disk in report if disk.written_bytes is not None]
    if not sizes:
        return ()
    for_s = report[-1].t - report[0].t
    budget = Bound(Side.AT_MOST, limits.run_bytes * max(1.0, for_s / _HOUR_S))
    what = "written into the run's folder"
    return (Measurement(what, max(sizes), "bytes", "files", budget, len(sizes), for_s),)


def _left(report: Sequence[Disk], limits: Limits) -> tuple[Measurement, ...]:
    if len(report) < 2:
        return ()
    what, bound = "free on the report's disk in the end", Bound(Side.AT_LEAST, limits.disk_left_bytes)
    return (Measurement(what, report[-1].free_bytes, "bytes", "free disk", bound, len(report)),)


def _unknown(recording: Recording, report: Sequence[Disk]) -> Iterator[Caveat]:
    """Return a caveat if a look at the disk is missing, or the size of the run's folder, which older recordings never had."""
    if len(report) < 2:
        yield Caveat("the report's disk was not measured both before and after the run")
    if recording.header.version >= _SIZES_SINCE and report and report[-1].written_bytes is None:
        yield Caveat("the size of the run's folder was not measured")


def _describe(disk: Disk) -> str:
    free, size = format_bytes(disk.free_bytes), format_bytes(disk.total_bytes)
    own = "" if disk.written_bytes is None else f", {format_bytes(disk.written_bytes)} in the run's folder"
    return f"{disk.t:.1f} s: {free} of {size} free for the {disk.purpose}, below {disk.path}{own}"
