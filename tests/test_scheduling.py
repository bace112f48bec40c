"""Which tests are handed to one process as a whole, which come first, and which modules are not imported."""

from pathlib import Path

import pytest
from scheduling import LONG, SHARING_MODULES, marks_needed, may_have, unit_of

REPOSITORY = Path(__file__).parents[1]
SHARED = ('scope="module"', "agent: RunningAgent", "gate: Installed", "dist: Path", "browser: Browser")


def test_modules_that_share_something_stay_whole() -> None:
    """Each of them is there and asks for something that is begun once for all its tests; all other tests are handed out one by one."""
    for module in SHARING_MODULES:
        text = (REPOSITORY / module).read_text(encoding="utf-8")
        assert any(sign in text for sign in SHARED), module
        assert unit_of(f"{module}::test_one[a]") == unit_of(f"{module}::test_other") == module
    alone = "tests/agent/end_to_end/test_calls.py::test_one"
    assert unit_of(alone) == alone


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_is_there(name: str) -> None:
    """A test that has another name now would not come first."""
    module, _, test = name.partition("::")
    assert f"def {test}" in (REPOSITORY / module).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        ("", ()),
        ("not slow", ()),
        ("slow and alone", ("slow", "alone")),
        ("slow and not end_to_end and not alone", ("slow",)),
        ("not alone and slow", ("slow",)),
        ("slow or alone", ()),
        ("not (slow and alone)", ()),
    ],
)
def test_marks_that_every_chosen_test_has(expression: str, needed: tuple[str, ...]) -> None:
    """Where there are alternatives, or something in parentheses, nothing is left out."""
    assert marks_needed(expression) == needed


def test_a_module_without_a_mark_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark may stand in the module, or in a conftest.py of its folder; one whose name only begins like it is another one."""
    monkeypatch.setattr("scheduling.FOLDER", tmp_path)
    folder = tmp_path / "recipes"
    folder.mkdir()
    module = folder / "test_one.py"
    module.write_text("pytestmark = pytest.mark.slowly\n")
    assert may_have(module, ())
    assert not may_have(module, ("slow",))
    (folder / "conftest.py").write_text("item.add_marker(pytest.mark.slow)\n")
    assert may_have(module, ("slow",))
    assert not may_have(module, ("slow", "alone"))
    module.write_text("pytestmark = [pytest.mark.end_to_end, pytest.mark.alone]\n")
    assert may_have(module, ("slow", "alone"))
