"""Which tests are handed to one process as a whole."""

from pathlib import Path

from scheduling import SHARING_MODULES, unit_of

REPOSITORY = Path(__file__).parents[1]


def test_modules_that_share_something_stay_whole() -> None:
    """Each of them is there and begins what its tests share once per module; all other tests are handed out one by one."""
    for module in SHARING_MODULES:
        text = (REPOSITORY / module).read_text(encoding="utf-8")
        assert 'scope="module"' in text or "agent: RunningAgent" in text, module
        assert unit_of(f"{module}::test_one[a]") == unit_of(f"{module}::test_other") == module
    alone = "tests/agent/end_to_end/test_calls.py::test_one"
    assert unit_of(alone) == alone
