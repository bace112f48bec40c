"""Reading a file of mutants."""

from pathlib import Path

import pytest
from voicegate.prove.mutant_file import read_mutants
from voicegate.settings import SettingsError

CONTROL = '[[mutants]]\nname = "healthy"\nwrong = "nothing"\nfails = []\n'


def write(folder: Path, text: str) -> Path:
    """Write a file of mutants."""
    path = folder / "prove.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mutant(**values: str) -> str:
    """Write one entry; values are as they stand in TOML."""
    entry = {"name": '"silent"', "wrong": '"says nothing"', "fails": '["C8"]'} | values
    lines = [f"{key.replace('__', '.')} = {value}" for key, value in entry.items() if value]
    return "\n".join(["[[mutants]]", *lines, ""])


def test_mutant_is_the_gate_file_with_what_differs(tmp_path: Path) -> None:
    """What holds for all is laid over the gate file, what a mutant says over both, at every depth."""
    (tmp_path / "gate.toml").write_text(
        "[agent]\ncommand = ['agent']\nenv = { A = '1', B = '1', C = '1' }\n[limits]\ntotal_calls = 2\n"
    )
    all_ = "gate = 'gate.toml'\n[all]\nagent.env.B = '2'\nagent.env.C = '2'\nscenario.name = 'pair'\n"
    path = write(tmp_path, all_ + CONTROL + mutant(agent__env__C="'3'", limits__monitor_interval_s="10"))
    _, silent = read_mutants(path, environ={})
    assert silent.settings.agent.command == ("agent",)
    assert silent.settings.agent.env == {"A": "1", "B": "2", "C": "3"}
    assert silent.settings.scenario.name == "pair"
    assert silent.rules.limits.monitor_interval_s == 10
    assert silent.rules.limits.total_calls == 2


def test_a_mutant_may_have_a_gate_file_of_its_own(tmp_path: Path) -> None:
    """One file can hold mutants of several agents."""
    (tmp_path / "other.toml").write_text("[agent]\ncommand = ['other']\n")
    _, silent = read_mutants(write(tmp_path, CONTROL + mutant(gate="'other.toml'")), environ={})
    assert silent.settings.agent.command == ("other",)


def test_a_mutant_may_be_tried_under_load(tmp_path: Path) -> None:
    """By options of Locust's, as a shell splits them; the criteria of a load run are known."""
    entry = mutant(fails='["L2"]', load="""'-u 2 --tags "a b"'""")
    healthy, silent = read_mutants(write(tmp_path, CONTROL + entry), environ={})
    assert healthy.load is None
    assert silent.load == ("-u", "2", "--tags", "a b")
    assert silent.fails == {"L2-turns"}


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """A mutant's source and folder are found from anywhere."""
    entry = mutant(source__files="['broken.py']", agent__working_directory="'..'")
    _, silent = read_mutants(write(tmp_path, CONTROL + entry), environ={})
    assert silent.settings.source.files == (tmp_path / "broken.py",)
    assert silent.settings.agent.working_directory == tmp_path.parent


def test_criteria_are_named_short_or_whole(tmp_path: Path) -> None:
    """C8 is C8-monitor."""
    _, silent = read_mutants(write(tmp_path, CONTROL + mutant(fails='["C8", "C2-later-reuse"]')), environ={})
    assert silent.fails == {"C8-monitor", "C2-later-reuse"}


def test_a_mutant_may_have_to_be_an_error(tmp_path: Path) -> None:
    """What must say that it could not be measured, and the program beside it that makes it so."""
    entry = mutant(fails="[]", errors='["C5"]', beside="['{python}', 'daemon.py']")
    healthy, elsewhere = read_mutants(write(tmp_path, CONTROL + entry), environ={})
    assert (healthy.errors, healthy.beside) == (frozenset(), ())
    assert elsewhere.errors == {"C5-extra-connection"}
    assert elsewhere.beside == ("{python}", "daemon.py")


def test_some_can_be_chosen(tmp_path: Path) -> None:
    """Only the named ones are run, in the order of the file; the control may be left out."""
    path = write(tmp_path, CONTROL + mutant() + mutant(name='"late"'))
    assert [one.name for one in read_mutants(path, ["late", "silent"], {})] == ["silent", "late"]
    with pytest.raises(SettingsError, match="no mutant is named 'lat'; known: healthy, silent, late"):
        read_mutants(path, ["lat"], {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("= 3", r"prove\.toml:1: not valid TOML: .*line 1"),
        ("mutant = []\n" + CONTROL, r"prove\.toml:1: mutant: unknown key; did you mean mutants\?"),
        ("", r"prove\.toml: mutants: Field required"),
        ("mutants = [3]", r"prove\.toml:1: mutants\.0: .*; found 3"),
        ("all = 3\n" + CONTROL, r"prove\.toml:1: all: .*; found 3"),
        (CONTROL + mutant(name=""), r"prove\.toml:5: mutants\.1\.name: Field required"),
        (CONTROL + mutant(name='"../x"'), r"prove\.toml:6: mutants\.1\.name: .*; found '\.\./x'"),
        (CONTROL + mutant(wrong="' '"), r"prove\.toml:7: mutants\.1\.wrong: .*; found ' '"),
        (CONTROL + mutant(fails=""), r"mutants\.1\.fails: Field required"),
        (
            CONTROL + mutant(fails='["C99"]'),
            r"mutants\.1\.fails\.0: unknown criterion 'C99'; known: C1-first",
        ),
        (
            CONTROL + mutant(criteria__off='["C8-monitor"]'),
            r"mutants\.1\.fails: C8-monitor cannot fail: turned off",
        ),
        (CONTROL + mutant(errors='["C8"]'), r"mutants\.1\.errors: C8-monitor is among fails too"),
        (CONTROL + mutant(beside="'x'"), r"mutants\.1\.beside: .*; found 'x'"),
        (
            CONTROL + mutant(criteria__off='["C99"]'),
            r"defaults\.toml: criteria\.off\.0: unknown criterion 'C99'",
        ),
        (CONTROL + mutant(gate="'absent.toml'"), r"silent, over its gate file: .*absent\.toml: cannot read"),
        (CONTROL + mutant(limits__total="1"), r"silent, over its gate file: .*limits\.total: unknown key"),
        (CONTROL + mutant(scenario__name="'all'"), r"silent, over its gate file: .*scenario\.name: .*'full'"),
        (CONTROL + mutant() + mutant(), r"mutants: the name 'silent' is given twice"),
        (mutant(fails="[]", errors='["C8"]'), r"mutants: no control"),
        (mutant(), r"mutants: no control: one mutant must have fails = \[\]"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(
    tmp_path: Path, text: str, message: str
) -> None:
    """Whoever reads the message knows where to look and what would be right."""
    with pytest.raises(SettingsError, match=message):
        read_mutants(write(tmp_path, text), environ={})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(SettingsError, match="absent"):
        read_mutants(tmp_path / "absent.toml", environ={})
