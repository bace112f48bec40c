"""The proof as one self-contained page, and as Markdown for a CI job's summary."""

from voicegate.judge.criterion import short_id
from voicegate.prove.proof import Proof
from voicegate.prove.table import MARKS, cell
from voicegate.report.templating import templates


def render_page(proof: Proof) -> str:
    """Write the page: HTML without scripts, with a link to each mutant's own report."""
    return _render("prove.html", proof, autoescape=True)


def render_summary(proof: Proof) -> str:
    """Write the summary: one table of mutants and criteria in Markdown."""
    return _render("prove.md", proof, autoescape=False)


def _render(template: str, proof: Proof, *, autoescape: bool) -> str:
    environment = templates(autoescape=autoescape, filters={"short": short_id})
    return environment.get_template(template).render(proof=proof, marks=MARKS, mark=cell)
