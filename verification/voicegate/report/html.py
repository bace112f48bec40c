"""A report as one self-contained page: HTML without scripts, and without links to anything but the files beside it."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from voicegate.quantity import format_amount, format_bytes, format_quantity, format_signed
from voicegate.report.contents import On, Report

_FILTERS = {
    "amount": format_amount,
    "bytes": format_bytes,
    "quantity": format_quantity,
    "signed": format_signed,
}


def page_of(report: Report) -> str:
    """Write the page by the report's template of those in `reports/templates`."""
    template = environment().get_template(report.template)
    return template.render(report=report, **report.drawn())


def environment() -> Environment:
    """Find the templates; a name that is missing in one is an error."""
    found = Environment(
        loader=PackageLoader("voicegate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(_FILTERS)
    found.globals["PAGE"] = On.PAGE
    return found
