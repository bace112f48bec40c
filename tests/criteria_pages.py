"""Writes what the criteria say about themselves into the pages and files that show it: `nox -s docs`.

Each place stands between two markers, which name it; what is between them is replaced. A test fails if one is stale.
"""

import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import FloatSchema
from voicegate.drive.script_file import ScenarioFile
from voicegate.judge.criterion import Criterion, Need
from voicegate.judge.registry import CRITERIA, LOAD_CRITERIA, Limits, all_criteria
from voicegate.report.verdict import Verdict
from voicegate.settings import DEFAULTS

ROOT = Path(__file__).parents[1]
WIDTH = 140

_GateCriterion = Criterion[Limits]
_MARKED = re.compile(
    r"(?P<begin>^(?:# |<!-- )made by `nox -s docs`: (?P<name>[a-z ]+)[^\n]*\n)(?P<text>.*?)(?P<end>^(?:# |<!-- )end of (?P=name)\b)",
    re.MULTILINE | re.DOTALL,
)


def limits_in_order() -> dict[str, FieldInfo]:
    """List every limit once, where the first criterion that looks at it comes."""
    return {name: info for one in all_criteria() for name, info in one.limits.model_fields.items()}


def owners(limit: str) -> str:
    """Name the criteria that look at a limit."""
    return ", ".join(one.short_id for one in all_criteria() if limit in one.limits.model_fields)


def number(value: float) -> str:
    """Write a default as a gate file may say it."""
    return f"{value:_}" if isinstance(value, int) else f"{value:g}" if value % 1 else f"{value:.1f}"


def limit_comments() -> Iterator[str]:
    """Write `[limits]` of the packaged gate file: each limit in a comment, with its default and what it is for."""
    for name, info in limits_in_order().items():
        yield f"{f'# {name} = {number(info.default)}':<41} # {owners(name)}: {info.description}"


def limit_rows() -> Iterator[str]:
    """Write the table of docs/gate.md."""
    yield from ("| key | default | for | what |", "|---|---|---|---|")
    for name, info in limits_in_order().items():
        yield f"| `{name}` | `{number(info.default)}` | {owners(name)} | {info.description} |"


def criterion_rows(criteria: Iterable[_GateCriterion], page: str) -> Iterator[str]:
    """Write a table of criteria, each linked to its chapter on the page of all criteria."""
    yield from ("| criterion | question | it passes when |", "|---|---|---|")
    for one in criteria:
        yield f"| [{one.short_id}]({page}#{one.id.lower()}) | {one.question} | {one.passes} |"


def need_rows() -> Iterator[str]:
    """Write the table of what is not judged where a gate file cannot give something."""
    yield from ("| without | not run |", "|---|---|")
    in_log = {need for need in Need if need.is_in_log}
    for without, needs in (
        ("processes that are watched (`running = true`)", {Need.PROCESSES}),
        ('a log (`log = "none"`)', in_log),
        ("lines about the models in it", {Need.MODEL_LINES}),
        ("`(?P<id>…)` in the lines that end a load", {Need.MODEL_IDS}),
        ("memory reports in it", {Need.MEMORY_REPORTS}),
        ("an agent that the gate starts", {Need.START}),
    ):
        ids = [f"`{one.short_id}`" for one in all_criteria() if needs & set(one.needs)]
        yield f"| {without} | {', '.join(ids)} |"


def chapters(criteria: Iterable[_GateCriterion]) -> Iterator[str]:
    """Write a chapter on each criterion."""
    for one in criteria:
        yield from (
            f"## {one.id}",
            "",
            f"**{one.question}** It passes when: {one.passes}.",
            "",
            *_wrapped(one.how),
            "",
        )
        if one.formula:
            yield from (*(f"Formula: `{line}`" for line in one.formula.splitlines()), "")
        rows = [
            f"| `{name}` | `{number(info.default)}` | {info.description} |"
            for name, info in one.limits.model_fields.items()
        ]
        if rows:
            yield from ("| limit | default | what |", "|---|---|---|", *rows, "")
        yield from (f"When it fails: {one.when_it_fails}.", "")
        if needed := tuple(_needed(one)):
            yield from (f"Needed: {'; '.join(needed)}.", "")


def _needed(criterion: _GateCriterion) -> Iterator[str]:
    yield from (need.value for need in criterion.needs)
    if criterion.parts:
        yield f"in the scenario, {' and '.join(part.name for part in criterion.parts)}"
    if criterion.variant is not None:
        yield f"the variant `{criterion.variant}`"


def _load_only() -> Sequence[_GateCriterion]:
    return [one for one in LOAD_CRITERIA if one not in CRITERIA]


PLACES: dict[str, Callable[[], Iterable[str]]] = {
    "limits": limit_comments,
    "table of limits": limit_rows,
    "table of criteria": lambda: criterion_rows(CRITERIA, "docs/criteria.md"),
    "table of load criteria": lambda: criterion_rows(_load_only(), "criteria.md"),
    "table of needs": need_rows,
    "chapters": lambda: chapters(CRITERIA),
    "load chapters": lambda: chapters(_load_only()),
}
FILES = (
    DEFAULTS,
    ROOT / "README.md",
    *(ROOT / "docs" / name for name in ("criteria.md", "gate.md", "load.md")),
)
SCENARIO_SCHEMA = ROOT / "docs" / "scenario.schema.json"
VERDICT_SCHEMA = ROOT / "docs" / "verdict.schema.json"


class _WithInfinity(GenerateJsonSchema):
    """Writes down that what is infinite is a string in JSON, which has no number for it."""

    def float_schema(self, schema: FloatSchema) -> JsonSchemaValue:
        """Allow a number and the names of those that JSON has not."""
        return {"anyOf": [super().float_schema(schema), {"enum": ["Infinity", "-Infinity", "NaN"]}]}


def renewed(text: str) -> str:
    """Return a file's text with what stands between its markers made again."""
    return _MARKED.sub(_made, text)


def _made(found: re.Match[str]) -> str:
    lines = list(PLACES[found["name"].strip()]())
    if found["begin"].startswith("<!--"):
        lines = ["", *lines, *([""] if lines[-1] else [])]  # Markdown wants a table by itself
    return found["begin"] + "".join(f"{line}\n" for line in lines) + found["end"]


def names_in(text: str) -> list[str]:
    """List the places that a file has."""
    return [found["name"].strip() for found in _MARKED.finditer(text)]


def scenario_schema() -> str:
    """Write the JSON schema of scenario files."""
    return json.dumps(ScenarioFile.model_json_schema(), indent=2) + "\n"


def verdict_schema() -> str:
    """Write the JSON schema of `verdict.json`."""
    made = Verdict.model_json_schema(mode="serialization", schema_generator=_WithInfinity)
    made["required"] = ["schema", "version", *made["required"]]
    return json.dumps({"$schema": _WithInfinity.schema_dialect} | made, indent=2) + "\n"


SCHEMAS = {SCENARIO_SCHEMA: scenario_schema, VERDICT_SCHEMA: verdict_schema}


def main() -> None:
    """Renew every file."""
    for path, schema in SCHEMAS.items():
        path.write_text(schema(), encoding="utf-8")
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if (new := renewed(text)) != text:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)} was renewed\n")


def _wrapped(text: str) -> list[str]:
    """Wrap a paragraph; code is never cut."""
    whole = re.sub(r"`[^`]+`", lambda code: code[0].replace(" ", "\0"), text)
    return [line.replace("\0", " ") for line in textwrap.wrap(whole, WIDTH, break_on_hyphens=False)]


if __name__ == "__main__":
    main()
