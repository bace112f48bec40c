"""Wheels to look at and to install: those of a folder that is named, or built for the tests."""

from pathlib import Path

import pytest
from distributions.building import ROOT, build
from distributions.installed import Installed, install


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a release name the files that it is about to publish."""
    parser.addoption("--built", type=Path, help="folder with both distributions' wheels and source archives")


@pytest.fixture(scope="session")
def dist(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with wheels and source archives."""
    named: Path | None = pytestconfig.getoption("--built", None)
    if named is not None:
        return ROOT / named
    made = tmp_path_factory.mktemp("dist")
    for project in ("verification", "agent"):
        build(project, made)
    return made


@pytest.fixture(scope="session")
def gate(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the gate's wheel alone."""
    (wheel,) = dist.glob("voicegate-*.whl")
    return install(wheel, "", tmp_path_factory.mktemp("gate"), ROOT)


@pytest.fixture(scope="session")
def gate_with_load(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the gate's wheel with what callers by Locust need."""
    (wheel,) = dist.glob("voicegate-*.whl")
    return install(wheel, "[load]", tmp_path_factory.mktemp("gate-with-load"), ROOT)


@pytest.fixture(scope="session")
def agent(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the agent's wheel alone."""
    (wheel,) = dist.glob("voicegate_agent-*.whl")
    return install(wheel, "", tmp_path_factory.mktemp("agent"), ROOT)
