"""The steps of scripted calls as tables."""

from dataclasses import replace

from fakes.conversations import DISTURBANCE, EXPECTED, INTERRUPTION, KINDS, QUIET, conversation
from voicegate.judge.registry import Rules
from voicegate.names import Departure
from voicegate.report.contents import On, Table
from voicegate.report.step_tables import StepRow, step_tables
from voicegate.testing import MadeUpRun

HEALTHY = conversation()
LEAVING: tuple[Departure, ...] = ("hang_up", "vanish")


def cells(table: Table[StepRow], name: str) -> list[str]:
    """List what a column says."""
    (column,) = (one for one in table.columns if one.name == name)
    return [column.cell(row).text for row in table.items]


def test_each_scripted_call_has_a_table() -> None:
    """With what the caller did, what was expected, and what came in each step."""
    (table,) = step_tables(HEALTHY, Rules()).values()
    assert table.title == f"Steps of {HEALTHY.steps[0].call}"
    assert len(table.items) == len(KINDS)
    assert cells(table, "the caller")[DISTURBANCE] == "cough for 0.40 s, 0.40 s into the reply"
    assert cells(table, "the caller")[INTERRUPTION].startswith("says 'my code is")
    assert cells(table, "expected")[INTERRUPTION] == "silence within 0.50 s, and an answer"
    assert cells(table, "came")[QUIET] == "nothing was said"
    assert cells(table, "expected")[EXPECTED] == "an answer within 1 s, one answer"
    assert set(cells(table, "outcome")) == {"PASS", "–"}
    assert cells(table, "outcome").count("–") == KINDS.count("opening")
    assert "audio/" in table.note


def test_what_did_not_come_is_marked() -> None:
    """And what says nothing about the agent."""
    (table,) = step_tables(conversation({INTERRUPTION: [(0.0, 0.9)], DISTURBANCE: []}), Rules()).values()
    assert cells(table, "came")[INTERRUPTION] == "silent after 0.90 s, answered"
    assert cells(table, "outcome")[INTERRUPTION] == "FAIL"
    assert cells(table, "outcome")[DISTURBANCE] == "UNCLEAR"


def test_callers_who_write_and_go_are_shown() -> None:
    """A message with its text; going is not judged."""
    message, going = (HEALTHY.steps[index] for index in (EXPECTED, QUIET))
    turn = next(one for one in HEALTHY.scripted if one.index == message.turn)
    steps = (
        replace(message, step="message", what="message"),
        *(replace(going, step=how, what=how, into_reply_s=0.4) for how in LEAVING),
    )
    recording = replace(HEALTHY, steps=steps, scripted=(replace(turn, said_text="hello"),))
    (table,) = step_tables(recording, Rules()).values()
    assert cells(table, "the caller") == [
        "writes 'hello'",
        *("hangs up, 0.40 s into the reply", "vanishes, 0.40 s into the reply"),
    ]
    assert cells(table, "outcome") == ["PASS", "–", "–"]


def test_a_summary_shows_few_of_many_calls() -> None:
    """The page shows all."""
    steps = tuple(replace(HEALTHY.steps[0], call=f"call-{number}") for number in range(5))
    tables = list(step_tables(replace(HEALTHY, steps=steps), Rules()).values())
    assert [bool(On.MARKDOWN & table.on) for table in tables] == [True, True, True, False, False]
    assert all(On.PAGE & table.on for table in tables)


def test_a_run_without_scripted_calls_has_none() -> None:
    """As most have."""
    assert step_tables(MadeUpRun().recording(), Rules()) == {}
