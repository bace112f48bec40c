"""Finding the places that set a shared model, in every way Python has for it."""

from pathlib import Path

import pytest
from voicegate.record.events import Assignment
from voicegate.record.source import find_assignments, scan_source

NAMES = ("_ASR", "_TTS")


def found(code: str) -> list[tuple[str, int, str | None, bool]]:
    """Find what sets the names, without locks."""
    return [(one.name, one.line, one.function, one.sets_none) for one in find_assignments(code, NAMES)]


def test_the_guides_singleton_is_understood() -> None:
    """None at module level, one assignment under the lock of the function."""
    code = """
import threading
_ASR: object | None = None
_LOCK = threading.Lock()

def get_shared(load):
    global _ASR
    if _ASR is None:
        with _LOCK:
            if _ASR is None:
                _ASR = load()
    return _ASR
"""
    assert find_assignments(code, NAMES) == (
        Assignment("_ASR", 3, None, True),
        Assignment("_ASR", 11, "get_shared", False, ("_LOCK",)),
    )


@pytest.mark.parametrize(
    ("statement", "sets_none"),
    [
        ("_ASR = None", True),
        ("_ASR = load()", False),
        ("_ASR: object = None", True),
        ("_ASR |= load()", False),
        ("del _ASR", True),
        ("print(_ASR := None)", True),
        ("[x for x in y if (_ASR := x)]", False),
        ("_ASR = other = None", True),
        ("other = _ASR = load()", False),
        ("_ASR, other = None, 1", True),
        ("other, (_ASR, *_) = load()", False),
        ("other, _ASR = 1, load()", False),
        ("*_ASR, other = load()", False),
        ("shared._ASR = None", True),
        ("get().shared._ASR = load()", False),
        ("del shared._ASR", True),
        ("setattr(shared, '_ASR', None)", True),
        ("setattr(shared, '_ASR', load())", False),
        ("delattr(shared, '_ASR')", True),
        ("object.__setattr__(shared, '_ASR', None)", True),
        ("globals()['_ASR'] = None", True),
        ("globals()['_ASR'] = load()", False),
        ("del globals()['_ASR']", True),
        ("vars(shared)['_ASR'] = None", True),
        ("shared.__dict__['_ASR'] = None", True),
        ("globals().update(_ASR=None)", True),
        ("globals().update({'_ASR': load()})", False),
        ("globals().pop('_ASR')", True),
        ("globals().setdefault('_ASR', None)", True),
        ("import models as _ASR", False),
        ("from models import _ASR", False),
        ("for _ASR in load(): pass", False),
        ("with load() as _ASR: pass", False),
        ("def _ASR(): pass", False),
        ("class _ASR: pass", False),
    ],
)
def test_every_way_to_set_a_name_is_found(statement: str, sets_none: bool) -> None:
    """At module level and in a function that declares it global."""
    inside = f"def f():\n    global _ASR\n    {statement}\n"

    assert found(statement) == [("_ASR", 1, None, sets_none)]
    assert found(inside) == [("_ASR", 3, "f", sets_none)]


@pytest.mark.parametrize(
    "code",
    [
        "print(_ASR)",
        "_ASR: object",
        "x = _ASR or None",
        "_ASR.loaded = None",
        "_ASR['key'] = None",
        "other['_ASR'] = None",
        "setattr(shared, name, None)",
        "x = [1 for _ASR in y]",
        "def f():\n    _ASR = None\n",
        "def f(_ASR=None): pass",
        "import _ASR.part as other",
        "text = '_ASR = None'",
    ],
)
def test_what_sets_nothing_shared_is_left_alone(code: str) -> None:
    """Uses, declarations, a function's own variables, other things' keys."""
    assert found(code) == []


def test_the_innermost_function_counts_and_locks_outside_it_do_not() -> None:
    """A function that is defined under a lock does not run under it."""
    code = """
async def outer():
    async with lock_a, self.lock(1) as held:
        with lock_b:
            shared._ASR = load()
        def inner():
            with lock_c:
                shared._TTS = None
        shared._TTS = load()
"""
    assert find_assignments(code, NAMES) == (
        Assignment("_ASR", 5, "outer", False, ("lock_a", "self.lock(1)", "lock_b")),
        Assignment("_TTS", 8, "inner", True, ("lock_c",)),
        Assignment("_TTS", 9, "outer", False, ("lock_a", "self.lock(1)")),
    )


def test_methods_and_class_level_are_told_apart() -> None:
    """A class body belongs to the module, its methods are functions; a lambda is one too."""
    code = """
class Models:
    _ASR = None
    def reset(self):
        type(self)._ASR = None
    clear = lambda self: setattr(self, "_TTS", None)
"""
    assert found(code) == [
        ("_ASR", 3, None, True),
        ("_ASR", 5, "reset", True),
        ("_TTS", 6, "<lambda>", True),
    ]


def test_a_file_is_scanned(tmp_path: Path) -> None:
    """Its own encoding is respected."""
    path = tmp_path / "shared.py"
    path.write_bytes("# coding: latin-1\n_ASR = None  # \xe4\n".encode("latin-1"))

    source = scan_source(path, NAMES, 1.5)

    assert (source.t, source.path, source.names, source.problem) == (1.5, str(path), NAMES, None)
    assert source.assignments == (Assignment("_ASR", 2, None, True),)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"def f(:", "is not Python: line 1"), (b"x = 1\0", "is not Python"), (None, "cannot be read: No such")],
)
def test_a_file_that_cannot_be_scanned_is_a_problem(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    """The run goes on, and the recording says why nothing was found."""
    path = tmp_path / "shared.py"
    if content is not None:
        path.write_bytes(content)

    source = scan_source(path, NAMES, 0.0)

    assert source.assignments == ()
    assert source.problem is not None
    assert source.problem.startswith(problem)
