"""Curves over the number of calls: how long callers waited, and what the agent used for it."""

from collections.abc import Callable, Iterable, Sequence

from voicegate.capacity.result import Capacity, IsolationResult, LevelResult
from voicegate.report.charts import Chart, draw_chart
from voicegate.report.drawing import Dots, Straight, Titled, Write

_COLORS = ("main", "alone", "job", "other")  # of one search after the other

_Value = Callable[[LevelResult], float | None]
_Curve = tuple[str, str, _Value]  # name, line and value


def waits_chart(capacity: Capacity) -> Chart | None:
    """Draw median and 95th percentile of the waits against their limits; None without any."""
    limits = [
        Straight(capacity.limit_p95_s, "fail", "limit of p95"),
        Straight(capacity.limit_p50_s, "fail", "limit of p50", line="--"),
    ]
    curves: list[_Curve] = [
        ("p95", "-", lambda level: level.p95_s),
        ("p50", "--", lambda level: level.p50_s),
    ]
    return _chart("Wait for the first sound of the reply", capacity, curves, limits, "{:g} s".format)


def cores_chart(capacity: Capacity) -> Chart | None:
    """Draw what the agent used, and what all together used, against what there was; None where that was not measured."""
    available = {level.cores for one in capacity.results for level in one.levels if level.cores is not None}
    limits = [Straight(cores, "fail", f"all {cores:g} cores") for cores in sorted(available)]
    curves: list[_Curve] = [
        ("the agent", "-", lambda level: level.agent_total_cores),
        ("everybody", "--", _everybody),
    ]
    return _chart("Cores in use", capacity, curves, limits, "{:g}".format)


def _everybody(level: LevelResult) -> float | None:
    if level.agent_total_cores is None or not level.other_cores:
        return None
    return level.agent_total_cores + sum(level.other_cores.values())


def _chart(
    title: str, capacity: Capacity, curves: Sequence[_Curve], limits: Sequence[Straight], write: Write
) -> Chart | None:
    drawn = [
        dots
        for one, color in zip(capacity.results, _COLORS, strict=False)
        for curve in curves
        for dots in _dots(one, color, curve, write)
    ]
    return draw_chart(title, "calls at once", [*limits, *drawn], write) if drawn else None


def _dots(one: IsolationResult, color: str, curve: _Curve, write: Write) -> Iterable[Dots]:
    """Draw a curve and its levels; those that did not hold are hollow."""
    name, line, value = curve
    label = f"{one.isolation} {name}"
    points: dict[bool, list[Titled]] = {False: [], True: []}
    for level in one.in_order:
        if (found := value(level)) is not None:
            title = f"{label}, {level.calls} calls: {write(round(found, 2))}"
            points[level.held is False].append((level.calls, found, title))
    every = [(x, y, label) for x, y, _ in sorted(points[False] + points[True])]
    if every:
        yield Dots(every, color, label, line=line, marker="")
        yield from (Dots(chosen, color, hollow=hollow) for hollow, chosen in points.items() if chosen)
