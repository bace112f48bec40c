"""The proof as one self-contained page, and as Markdown for a CI job's summary."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from verification.prove.proof import Proof
from verification.prove.table import MARKS, cell
from verification.prove.trial import short_name
from verification.report.page import markdown_cell


def render_page(proof: Proof) -> str:
    """Write the page: HTML without scripts, with a link to each mutant's own report."""
    return _environment(autoescape=True).get_template("prove.html").render(proof=proof, marks=MARKS)


def render_summary(proof: Proof) -> str:
    """Write the summary: one table of mutants and criteria in Markdown."""
    return _environment(autoescape=False).get_template("prove.md").render(proof=proof, marks=MARKS)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("verification.prove"), PackageLoader("verification.report")]),
        autoescape=autoescape,  # noqa: S701 - off for Markdown only, which `markdown_cell` escapes
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cell": markdown_cell, "short": short_name}
    environment.globals["mark"] = cell
    return environment
