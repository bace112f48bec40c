"""What licences may come along."""

import json
from pathlib import Path

import pytest
from distributions.__main__ import main
from distributions.licences import ONLY_HERE, Package, is_allowed, problems_of_licences

AGENTS = [Package(name, "1.0", licence) for name, licence in ONLY_HERE["voicegate-agent"].items()]


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("GPL-3.0-or-later OR MIT", True),
        ("Apache Software License; MIT License", True),
        ("Apache Software License; Other/Proprietary License", False),
        ("MIT AND GPL-3.0-or-later", False),
        ("GPL-3.0-or-later", False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_a_licence(licence: str, allowed: bool) -> None:
    """All parts of one alternative must be on the list."""
    assert is_allowed(licence) is allowed


def test_the_agent_may_have_piper() -> None:
    """Its licence is known and described; the gate's users do not get it."""
    assert problems_of_licences("voicegate-agent", [Package("rich", "15", "MIT"), *AGENTS]) == []
    piper = Package("piper-tts", "1.0", "GPL-3.0-or-later")
    assert "piper-tts 1.0 has the licence 'GPL-3.0-or-later'" in problems_of_licences("voicegate", [piper])[0]


def test_an_exception_is_for_one_licence() -> None:
    """A package that changes its licence is looked at again."""
    changed = [Package(package.name, "2.0", "AGPL-3.0-only") for package in AGENTS]
    assert len(problems_of_licences("voicegate-agent", changed)) == len(AGENTS)


def test_an_exception_nobody_needs() -> None:
    """It goes when its package goes."""
    (problem,) = problems_of_licences("voicegate-agent", AGENTS[1:])
    assert problem.startswith(f"{AGENTS[0].name} is no longer in voicegate-agent")


def test_a_report_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As pip-licenses writes it."""
    report = tmp_path / "report.json"
    report.write_text(
        json.dumps([{"Name": "x", "Version": "1", "License": "SSPL", "URL": ""}]), encoding="utf-8"
    )
    assert main(["licences", "voicegate", str(report)]) == 1
    assert "x 1 has the licence 'SSPL'" in capsys.readouterr().err
