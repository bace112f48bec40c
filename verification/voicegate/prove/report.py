"""What the report on a proof shows: the table of mutants and criteria, and what is not as expected."""

from functools import partial

from voicegate.judge.criterion import short_id
from voicegate.prove.proof import MutantResult, Proof
from voicegate.prove.table import MARKS, cell
from voicegate.report.contents import Cell, Column, Note, On, Report, Table

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
        f" {len(proof.mutants)} agents in {proof.duration_s:.0f} s, started {proof.started_at}.",
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
