"""Scenario files: what they say, and what is said about their mistakes."""

import re
from pathlib import Path

import pytest
from voicegate.__main__ import run
from voicegate.drive.scenario import CONVERSATION, SCENARIOS, Calls, scenario_of
from voicegate.drive.script import ScriptStep, judged_kinds, kinds
from voicegate.drive.script_file import ExpectTable, StepTable, described, read_script_file
from voicegate.exit_codes import ExitCode
from voicegate.expected_reply import ReplyWords
from voicegate.gate_file import SettingsError
from voicegate.record.events import Expected
from voicegate.settings import load_settings

CALLS = """\
[[calls]]
callers = 2

[[calls.steps]]
say = "code"

[[calls.steps]]
sound = "cough"
into_reply_ms = 300

[[calls.steps]]
say = "hello"
pause_ms = 800

[[calls]]
steps = [{ sound = "music", for_ms = 2000 }, { say = "sentence" }]
"""


def write(folder: Path, text: str = CALLS) -> Path:
    """Write a scenario file."""
    path = folder / "calls.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_group_of_calls_is_a_phase(tmp_path: Path) -> None:
    """With its callers, a plain turn before the script, and times in seconds."""
    gate = tmp_path / "gate.toml"
    gate.write_text('[scenario]\nfile = "calls.toml"\n', encoding="utf-8")
    write(tmp_path)
    settings = load_settings(gate)
    first, second = (step for step in scenario_of(settings.scenario).steps if isinstance(step, Calls))
    assert (first.phase, first.callers, first.turns) == ("conversation", 2, ("code",))
    assert (second.phase, second.callers) == ("conversation-2", 1)
    assert kinds(first.script) == ("opening", "disturbance", "pause")
    assert (first.script[1].into_reply_s, first.script[1].for_s, first.script[2].pause_s) == (0.3, 0.4, 0.8)
    assert kinds(second.script) == ("quiet", "turn")
    assert scenario_of(settings.changed(scenario="pair").scenario) is SCENARIOS["pair"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('say = "code"', 'sya = "code"', "calls.toml:5: calls.0.steps.0.sya: unknown key; did you mean say?"),
        (
            'say = "code"',
            "pause_ms = 5",
            "calls.0.steps.0.say: a step needs exactly one of say, text, sound, mute_ms, hang_up, vanish; found none",
        ),
        (
            'say = "code"',
            'say = "code"\nsound = "door"',
            "calls.toml:6: calls.0.steps.0.sound: a step needs exactly one of say, text, sound, mute_ms, hang_up, vanish; found say and sound",
        ),
        ('say = "code"', "hang_up = false", "calls.toml:5: calls.0.steps.0.hang_up: Input should be True"),
        ('"cough"', '"cough"\nlevel_db = -50', "calls.toml:9: calls.0.steps.1.level_db: "),
        (
            'say = "code"',
            'say = "code"\nlevel_db = 3',
            "calls.toml:6: calls.0.steps.0.level_db: this key is for sounds",
        ),
        ('say = "code"', "mute_ms = 0", "calls.toml:5: calls.0.steps.0.mute_ms: "),
        ('say = "code"', 'text = ""', "calls.toml:5: calls.0.steps.0.text: "),
        (
            'sound = "cough"',
            "vanish = true",
            "calls.toml:11: calls.0.steps.2: the step before ends the call: nothing can follow it",
        ),
        (
            'say = "hello"\npause_ms = 800',
            "hang_up = true\nexpect.no_answer = true",
            "the caller has left, and hears nothing any more",
        ),
        (
            'say = "code"',
            'say = "code"\nfor_ms = 5',
            "calls.toml:6: calls.0.steps.0.for_ms: this key is for sounds",
        ),
        ('"cough"', '"sneeze"', "calls.toml:8: calls.0.steps.1.sound: Input should be 'silence', 'cough'"),
        ('"cough"', '"cough"\npause_ms = 5', "calls.toml:9: calls.0.steps.1.pause_ms: a pause is a silence"),
        ('"cough"', '"silence"', "calls.toml:9: calls.0.steps.1.into_reply_ms: silence during a reply"),
        (", for_ms = 2000", "", "calls.toml:16: calls.1.steps.0.for_ms: say for how many milliseconds"),
        (
            'say = "code"',
            'sound = "hum"\nfor_ms = 9',
            "calls.toml:10: calls.0.steps.1.into_reply_ms: the step before must say or write something",
        ),
        ("callers = 2", "callers = 0", "calls.toml:2: calls.0.callers: "),
        ('say = "hello"', 'say = "helo"', "calls.toml:12: calls.0.steps.2.say: no clip is called 'helo'"),
        (
            'say = "hello"',
            'say = "hello"\nexpect = {}',
            "calls.0.steps.2.expect: say what is expected: answer, within_ms",
        ),
        ('"cough"', '"cough"\nexpect.once = true', "once is about the answer to what is said or written"),
        ('say = "hello"', 'say = "hello"\nexpect.keeps_talking = true', "give into_reply_ms"),
        (
            'say = "hello"',
            'say = "hello"\nexpect = { once = true, no_answer = true }',
            "once and no_answer exclude each other",
        ),
        (
            '"cough"',
            '"cough"\nexpect = { keeps_talking = true, stops_within_ms = 5 }',
            "keeps_talking and stops_within_ms exclude",
        ),
        (
            'say = "hello"',
            'say = "hello"\nexpect.answer = "{cod}"',
            "expect.answer: {cod} stands for nothing",
        ),
        (CALLS, "", "calls.toml: calls: Field required"),
        ("[[calls]]", "[[calls]", "calls.toml:1: not valid TOML"),
    ],
)
def test_every_mistake_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    """With the file, the line and the key, and what was expected."""
    assert old in CALLS
    path = write(tmp_path, CALLS.replace(old, new, 1))
    with pytest.raises(SettingsError) as error:
        read_script_file(path, frozenset({"hello"}))
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As a scenario file, not as a gate file."""
    with pytest.raises(SettingsError, match="cannot read the scenario file"):
        read_script_file(tmp_path / "none.toml")


def test_a_file_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says what each step does and is for, and exits with 2 on a mistake."""
    assert run(["scenario", "check", str(write(tmp_path))]) is ExitCode.PASS
    shown = capsys.readouterr().out
    assert "2 callers at once: a plain turn, then" in shown
    assert "2  disturbance   cough for 0.4 s, 0.3 s after the reply began" in shown
    assert "3  pause         says hello, with a pause of 0.8 s" in shown
    assert run(["scenario", "check", str(write(tmp_path, CALLS.replace("hello", "helo")))]) is ExitCode.USAGE
    assert "no clip is called 'helo'" in capsys.readouterr().err


def test_the_conversation_is_such_a_file() -> None:
    """It is read like any other."""
    (calls,) = read_script_file(CONVERSATION).calls
    assert calls.callers == 1
    assert SCENARIOS["conversation"].steps[1] == Calls(
        "conversation", 1, ("code",), settle_s=0, script=calls.script
    )


def test_expectations_are_part_of_the_plan(tmp_path: Path) -> None:
    """A step with one is judged by it alone; the check shows it."""
    path = write(
        tmp_path,
        CALLS.replace(
            'say = "hello"',
            'say = "hello"\nexpect = { answer = { words = ["hello"] }, within_ms = 900, once = true }',
        ),
    )
    calls = read_script_file(path).calls[0]
    assert judged_kinds(calls.script) == ("opening", "disturbance", "expected")
    expected = calls.script[2].expects
    assert expected == Expected(answer=ReplyWords(("hello",)), within_s=0.9, once=True)
    assert "expects a reply with 'hello', an answer within 0.9 s, one answer" in "\n".join(
        described(read_script_file(path))
    )


def test_a_caller_can_write_be_muted_and_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message is to be answered, if nothing else is expected; a sound may be softer than usual."""
    steps = """[
    { text = "hello" },
    { mute_ms = 2000 },
    { sound = "noise", for_ms = 500, level_db = -12 },
    { text = "who are you", expect = { no_answer = true } },
    { say = "code" },
    { vanish = true, into_reply_ms = 400 },
]"""
    path = write(tmp_path, f"calls = [{{ steps = {steps.replace(chr(10), ' ').replace(', ]', ' ]')} }}]\n")
    (calls,) = read_script_file(path).calls
    assert calls.script == (
        ScriptStep(writes="hello", expects=Expected(answer="")),
        ScriptStep(muted=True, for_s=2.0),
        ScriptStep(sound="noise", for_s=0.5, level_db=-12),
        ScriptStep(writes="who are you", expects=Expected(no_answer=True)),
        ScriptStep("code"),
        ScriptStep(leaves="vanish", into_reply_s=0.4),
    )
    assert judged_kinds(calls.script) == (*("expected", "quiet", "quiet", "expected", "opening", "vanish"),)
    assert run(["scenario", "check", str(path)]) is ExitCode.PASS
    shown = capsys.readouterr().out
    for line in (
        "writes 'hello', expects any reply",
        "mute for 2 s",
        "noise for 0.5 s, 12 dB softer than usual",
        "vanishes without a goodbye, 0.4 s after the reply began",
    ):
        assert line in shown


def test_the_example_of_the_documentation_can_be_played(tmp_path: Path) -> None:
    """What people copy is read without an error, with the clips that there are."""
    page = (Path(__file__).parents[3] / "docs" / "scenario.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(# my-calls.toml\n.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert run(["scenario", "check", str(write(tmp_path, example))]) is ExitCode.PASS
    keys = {*StepTable.model_fields, *ExpectTable.model_fields}
    assert keys == set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE))
