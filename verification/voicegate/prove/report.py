"""What the report on a proof shows: the table of mutants and criteria, and what is not as expected."""

from functools import partial

from voicegate.judge.criterion import short_id
from voicegate.prove.proof import Expected, MutantResult, Proof
from voicegate.quantity import written_time
from voicegate.report.contents import Cell, Column, Note, On, Report, Table
from voicegate.report.verdict import StatusName

MARKS: dict[str, str] = {
    "✗": "failed, as it must",
    "!": "could not be measured, as it must be",
    "·": "passed, as it must",
    "MISSED": "had to be caught and was not",
    "FAILED": "failed without a reason",
    "?": "could not be measured",
    " ": "not run",
}
"""What stands in a cell, and what it means."""
_AS_EXPECTED = {"pass": "YES", "fail": "NO", "error": "UNKNOWN"}


def proof_report(proof: Proof) -> Report:
    """Put together what is shown of a proof."""
    legend = "; ".join(f"{mark} {meaning}" for mark, meaning in MARKS.items() if mark.strip())
    left_out = f" Not tried: {', '.join(proof.left_out)}." if proof.left_out else ""
    return Report(
        document=proof,
        file="prove.json",
        outcome=proof.outcome,
        headline=proof.headline(),
        about="The gate against broken agents: each must fail its criteria, and no other."
        f" {len(proof.mutants)} agents in {proof.duration_s:.0f} s, started {written_time(proof.started_at)}.",
        tables=(
            Table(
                "Mutants and criteria",
                _columns(proof),
                proof.mutants,
                note=f"{legend}; empty: not run.{left_out}",
                id=lambda one: one.name,
                below=lambda one: "" if one.status == "pass" else one.sentence,
            ),
        ),
        notes=tuple(_note(one) for one in proof.mutants if one.status != "pass"),
        footnote="A folder for each mutant holds its recording, its report and what the gate said on the terminal.",
    )


def _columns(proof: Proof) -> tuple[Column[MutantResult], ...]:
    return (
        Column("as expected", lambda one: Cell(_AS_EXPECTED[one.status], one.status), "outcome", On.PAGE),
        Column("mutant", lambda one: Cell(one.name, small=one.wrong), "name", On.PAGE),
        Column(
            "mutant",
            lambda one: Cell(one.name, None if one.status == "pass" else one.status),
            "name",
            On.TEXT,
        ),
        *(
            Column(short_id(id_), partial(_mark, id_), "mark", hint=f"{id_}: {title}")
            for id_, title in proof.criteria.items()
        ),
        Column("took", lambda one: f"{one.duration_s:.0f} s", "number"),
        Column("report", lambda one: Cell("report", href=one.report) if one.report else "–", "name", On.PAGE),
    )


def _mark(id_: str, one: MutantResult) -> Cell:
    return cell(one.statuses.get(id_, "not_run"), expected=one.expected_of(id_))


def _note(one: MutantResult) -> Note:
    lines = (f"What is wrong with it: {one.wrong}", f"Its report: {one.report or 'none'}")
    return Note(one.name, one.sentence, one.status, lines)


def cell(status: StatusName, *, expected: Expected) -> Cell:
    """Hold what a criterion came out as against whether it had to fail, or to be an error."""
    match status:
        case "error":
            return Cell("!", "pass") if expected == "error" else Cell("?", "error")
        case "fail":
            return Cell("✗", "pass") if expected == "fail" else Cell("FAILED", "fail")
        case "pass" | "not_run" if expected:
            return Cell("MISSED", "fail")
        case "pass":
            return Cell("·", "not_run")
        case "not_run":
            return Cell(" ", "not_run")
