"""A verdict as Prometheus text, for a push gateway or the node exporter's textfile collector.

Names and units follow Prometheus: `voicegate_` before, base units behind. A text that an agent or a gate file wrote is a label's value, in
which nothing but its quotes, backslashes and line ends means anything. No line has a time: whoever collects them gives it theirs.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from voicegate.quantity import Unit
from voicegate.report.verdict import STATUS_NAMES, Verdict, stable_names

_SUFFIXES: Mapping[Unit, str] = {
    "bytes": "bytes",
    "bytes/call": "bytes_per_call",
    "bytes/cycle": "bytes_per_cycle",
    "s": "seconds",
    "fraction": "ratio",
    "count": "count",
}
_QUANTILES = {
    "0.25": "lower_quartile_s",
    "0.5": "median_s",
    "0.75": "upper_quartile_s",
    "0.95": "p95_s",
    "1": "most_s",
}

_Sample = tuple[str, str, Mapping[str, str], float]
"""A metric's name and help, the labels of one of its values, and that."""


def prometheus_of(verdict: Verdict) -> str:
    """Write the verdict, the outcome of each criterion, and everything that was measured with its limits."""
    metrics: dict[str, tuple[str, dict[str, str]]] = {}
    for name, help_, labels, value in _samples(verdict):
        own = metrics.setdefault(name, (help_, {}))[1]
        own.setdefault(_labels(labels), _number(value))  # what is held against two limits is measured once
    lines = []
    for name, (help_, values) in metrics.items():
        lines += [f"# HELP {name} {help_}", f"# TYPE {name} gauge"]
        lines += [f"{name}{labels} {value}" for labels, value in values.items()]
    return "\n".join(lines) + "\n"


def _samples(verdict: Verdict) -> Iterable[_Sample]:
    about = {
        "profile": verdict.profile,
        "isolation": verdict.isolation,
        "scenario": str(verdict.environment.get("scenario", "unknown")),
    }
    yield "voicegate_run_info", "What was run; always 1.", about, 1
    yield "voicegate_run_passed", "Whether the verdict is PASS.", {}, verdict.verdict == "pass"
    yield (
        "voicegate_run_start_time_seconds",
        "When the run began, in Unix time.",
        {},
        _unix_s(verdict.started_at),
    )
    yield "voicegate_run_duration_seconds", "How long the run took.", {}, verdict.duration_s
    yield "voicegate_run_calls", "Calls in the run.", {}, verdict.calls
    yield "voicegate_run_turns", "Turns in the run.", {}, verdict.turns
    yield (
        "voicegate_run_regressions",
        "Figures that are worse than in the runs before.",
        {},
        len(verdict.regressions),
    )
    for quantile, field in _QUANTILES.items() if verdict.latency else ():
        help_ = "Wait for the first sound of a reply, over all turns."
        yield "voicegate_reply_wait_seconds", help_, {"quantile": quantile}, getattr(verdict.latency, field)
    yield from _criteria(verdict)


def _criteria(verdict: Verdict) -> Iterable[_Sample]:
    for one in verdict.criteria:
        for status in STATUS_NAMES:
            labels = {"criterion": one.id, "status": status}
            yield (
                "voicegate_criterion_status",
                "1 for how the criterion came out.",
                labels,
                status == one.status,
            )
        for name, measured in zip(stable_names(one.measurements), one.measurements, strict=True):
            labels, suffix = {"criterion": one.id, "what": name}, _SUFFIXES[measured.unit]
            yield (
                f"voicegate_measured_{suffix}",
                "What was measured for a criterion.",
                labels,
                measured.observed,
            )
            bound = {**labels, "side": measured.side}
            yield f"voicegate_limit_{suffix}", "The limit it is held against.", bound, measured.limit


def _unix_s(started_at: str) -> float:
    try:
        return datetime.fromisoformat(started_at).timestamp()
    except ValueError:
        return float("nan")


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    plain = value.encode("utf-8", "replace").decode()
    return plain.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(str(float(value)), repr(float(value)))
