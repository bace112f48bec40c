"""Finding the lines of keys in TOML."""

import tomllib
from collections.abc import Iterator

import pytest
from our_agent import AGENT_GATE
from voicegate.toml_lines import KeyPath, key_lines


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ("\n# a = 1\n[t]  # [u]\na = '#'\nb = 2", ("t", "b"), 5),
        ("[t]\n'b.c' = 1\n", ("t", "b.c"), 2),
        ('[t]\n"b\\"c" = 1\n', ("t", 'b"c'), 2),
        ("[t.'u.v'.w]\na = 1\n", ("t", "u.v", "w", "a"), 2),
        ('[t]\nb . c."d" = 1\ne = 2\n', ("t", "b", "c", "d"), 2),
        ("[t.u]\na = 1\n[t]\nb = 2\n", ("t", "b"), 4),
        ("[[r]]\na = 1\n[[r]]\na = 2\n", ("r", 1, "a"), 4),
        ("[[r]]\n[r.s]\na = 1\n[[r]]\n[r.s]\na = 2\n", ("r", 1, "s", "a"), 6),
        ("[[r]]\n[[r.s]]\n[[r.s]]\na = 2\n", ("r", 0, "s", 1, "a"), 4),
        ("t = { a = 1, b = { c = 2 } }\nd = 3\n", ("t", "b", "c"), 1),
        ("a = [\n  1,  # one\n  2,\n]\nb = 3\n", ("a", 1), 3),
        ("a = [\n  1,  # one\n  2,\n]\nb = 3\n", ("b",), 5),
        ("a = [{ b = 1 },\n { b = 2 }]\n", ("a", 1, "b"), 2),
        ("a = [[1], [\n2]]\n", ("a", 1, 0), 2),
        ('a = """\nb = 1\n""""\nc = 2\n', ("c",), 4),
        ("a = '''\n[t]\n'''\nc = 2\n", ("c",), 4),
        ('a = """x \\""" y"""\nc = 2\n', ("c",), 2),
        ("a = \"\"\nb = ''\nc = 2\n", ("c",), 3),
        ("a = 1979-05-27 07:32:00\nb = 2\n", ("b",), 2),
        ("a = 1.5e3\r\nb = 2\r\n", ("b",), 2),
    ],
)
def test_a_key_is_found_on_its_line(text: str, path: KeyPath, line: int) -> None:
    """Tables, arrays of tables, inline tables, arrays, and all ways to write a key or a string."""
    tomllib.loads(text)
    assert key_lines(text)[path] == line


def test_every_key_of_the_packaged_file_is_found() -> None:
    """Nothing that `tomllib` finds in a real file is missing, and nothing else is there."""
    text = AGENT_GATE.read_text(encoding="utf-8")
    found = key_lines(text)

    assert set(paths_in(tomllib.loads(text))) == set(found)
    assert text.splitlines()[found["variants", "unshared", "env"] - 1].startswith("env = { VOICEGATE_SHARE")


def paths_in(value: object, above: KeyPath = ()) -> Iterator[KeyPath]:
    """List the paths of everything in a parsed file."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, below in entries:
        yield (*above, name)
        yield from paths_in(below, (*above, name))
