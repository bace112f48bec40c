"""The recipes' tests need the group `recipe`, which is installed for the slow tests only, and some of them espeak-ng."""

import shutil
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of them as slow."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def espeak_ng() -> None:
    """Skip a test where the program that speaks the recipes' words is missing."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs the package espeak-ng")
