"""What a user gets from the wheels, in environments outside this checkout."""

import gzip
from pathlib import Path

import pytest
from distributions.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RECORDINGS = Path(__file__).parents[1] / "verification" / "judge" / "failed_runs"
NOT_OURS_TO_TAKE = (
    "agent",
    "verification",
    "loadtests",
    "recipes",
    "clip_recipe",
    "tests",
    "mutants",
    "fakes",
)
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        if error.name.split(".")[0] not in ("locust", "gevent", "memray"):
            raise
"""


def test_the_gate_comes_without_the_agents_libraries(gate: Installed) -> None:
    """Neither the GPL voice nor LiveKit's agent framework nor Locust is installed with it."""
    packages = gate.packages()
    assert "voicegate" in packages
    assert not packages.keys() & {"piper-tts", "livekit-agents", "locust", "voicegate-agent"}


def test_the_agent_comes_without_the_gates_libraries(agent: Installed) -> None:
    """Neither pytest nor jinja2 nor Locust is installed with it."""
    packages = agent.packages()
    assert "voicegate-agent" in packages
    assert not packages.keys() & {"pytest", "jinja2", "locust", "voicegate"}


@pytest.mark.parametrize("name", NOT_OURS_TO_TAKE)
def test_users_names_stay_free(gate: Installed, agent: Installed, name: str) -> None:
    """A user's own `agent.py` is not shadowed, nor is any other common name taken."""
    for installed in (gate, agent):
        done = installed.run("python", "-c", f"import {name}")
        assert f"No module named '{name}'" in done.stderr


def test_every_requirement_is_met(gate: Installed, agent: Installed) -> None:
    """Each module can be imported, but for those of the extras, so nothing else is needed than what was installed."""
    for installed, package in ((gate, "voicegate"), (agent, "voicegate_agent")):
        done = installed.run("python", "-c", IMPORT_ALL, package)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command", [["--help"], ["judge", "--help"], ["verify", "--help"], ["doctor", "--help"]]
)
def test_the_gate_explains_itself(gate: Installed, command: list[str]) -> None:
    """Every help page is there without a checkout."""
    done = gate.run("voicegate", *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: voicegate" in done.stdout


@pytest.mark.parametrize(("name", "code"), [("healthy-cycles", 0), ("model-per-call", 1)])
def test_the_gate_judges_a_recording(gate: Installed, name: str, code: int) -> None:
    """With criteria, limits and templates from the wheel it judges as it does here, good and bad."""
    recording = gate.folder / f"{name}.jsonl"
    recording.write_bytes(gzip.decompress((RECORDINGS / f"{name}.jsonl.gz").read_bytes()))
    (gate.folder / "judge.toml").write_text('[criteria.off_for]\nmicro = ["C4"]\n', encoding="utf-8")
    done = gate.run("voicegate", "judge", "--gate", "judge.toml", recording.name, "--out", name)
    assert done.returncode == code, done.stdout + done.stderr
    report = (gate.folder / name / "latest" / "report.html").read_text(encoding="utf-8")
    assert "<svg" in report
    assert "<style>" in report


def test_locust_is_asked_for_by_name(gate: Installed) -> None:
    """Without the extra, a load run says what to install."""
    (gate.folder / "gate.toml").write_text('[agent]\ncommand = ["false"]\n', encoding="utf-8")
    done = gate.run("voicegate", "load", "-u", "1", "-t", "1s")
    assert done.returncode == 2
    assert "voicegate[load]" in done.stderr


def test_locust_comes_with_the_extra(gate_with_load: Installed) -> None:
    """`voicegate[load]` has Locust, and the Locust files of the wheel can be loaded."""
    assert "locust" in gate_with_load.packages()
    assert gate_with_load.run("voicegate", "load", "--help").returncode == 0
    where = gate_with_load.run(
        "python", "-c", "import voicegate; print(voicegate.__path__[0])"
    ).stdout.strip()
    listed = gate_with_load.run("locust", "-f", f"{where}/loadtests", "--list")
    assert listed.returncode == 0, listed.stderr
    assert "Caller" in listed.stdout


def test_the_agent_has_its_models(agent: Installed) -> None:
    """The models of the wheel are whole, and help comes up."""
    assert agent.run("voicegate-agent", "--help").returncode == 0
    done = agent.run("voicegate-agent", "models", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missing" not in done.stdout
