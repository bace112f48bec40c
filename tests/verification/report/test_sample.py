"""The sample report in `reports/sample/` is what the gate writes today."""

import re
from pathlib import Path

import pytest
from sample_report import FILES, RECORDING, SAMPLE, make_sample

MOST_BYTES = 500_000


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make it once more, in another place."""
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_sample_is_current(again: Path, name: str) -> None:
    """Whoever changes the report makes the sample again."""
    same = (again / name).read_bytes() == (SAMPLE / name).read_bytes()
    assert same, f"reports/sample/{name} is not what is written today: run nox -s sample"


def test_the_sample_is_small() -> None:
    """These files and no others, so no sound, and less than half a megabyte together."""
    files = {path.name: path.stat().st_size for path in SAMPLE.iterdir()}
    assert files.keys() == set(FILES)
    assert sum(files.values()) < MOST_BYTES


@pytest.mark.parametrize("name", FILES)
def test_no_path_of_a_machine(name: str) -> None:
    """Nothing says where it was made."""
    text = (SAMPLE / name).read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.<])/(?:home|root|tmp|usr|var|work|opt|Users)/", text) == []


def test_links_lead_somewhere() -> None:
    """Each file that the page names is there, seen from the page."""
    links = re.findall(r'(?:href|src)="([^"#][^"]*)"', (SAMPLE / "report.html").read_text(encoding="utf-8"))
    assert [link for link in links if not (SAMPLE / link).exists()] == []
    assert (SAMPLE / links[-1]).resolve() == RECORDING
