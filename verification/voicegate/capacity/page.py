"""The capacity as one self-contained page, as Markdown and as JSON."""

from pathlib import Path

from voicegate.capacity import wording
from voicegate.capacity.curves import cores_chart, waits_chart
from voicegate.capacity.result import Capacity
from voicegate.report.folder import PAGE, write_text
from voicegate.report.templating import templates

_FILTERS = {
    one.__name__: one
    for one in (
        wording.in_order,
        wording.seconds,
        wording.cores,
        wording.agent_cores,
        wording.callers_cores,
        wording.server_cores,
        wording.elsewhere_cores,
        wording.failed_calls,
        wording.why,
    )
}


def write_capacity(folder: Path, capacity: Capacity) -> None:
    """Write capacity.json, summary.md and report.html; raises ReportError when one cannot be written."""
    write_text(folder / "capacity.json", capacity.to_json())
    write_text(folder / "summary.md", render_summary(capacity))
    write_text(folder / PAGE, render_page(capacity))


def render_page(capacity: Capacity) -> str:
    """Write the page: HTML without scripts or links to anything but what lies beside it."""
    charts = [chart for chart in (waits_chart(capacity), cores_chart(capacity)) if chart is not None]
    environment = templates(autoescape=True, filters=_FILTERS)
    template = environment.get_template("capacity.html")
    return template.render(capacity=capacity, charts=charts, held=wording.HELD)


def render_summary(capacity: Capacity) -> str:
    """Write the summary: the answers and one table of levels in Markdown."""
    environment = templates(autoescape=False, filters=_FILTERS)
    return environment.get_template("capacity.md").render(capacity=capacity, held=wording.HELD)
