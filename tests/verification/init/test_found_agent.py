"""Finding an agent in a folder."""

from pathlib import Path

import pytest
from fakes.agent_folders import SERVER_ONLY, STARTER, WORKER, write
from voicegate.init.found_agent import FoundAgent, find_weights, look
from voicegate.init.source_facts import SourceFacts, read_source

GATE = Path("/the/environment/of/the/gate")


def found_in(folder: Path, environ: dict[str, str] | None = None) -> FoundAgent:
    """Look into a folder, from a gate in an environment elsewhere."""
    return look(folder, environ or {}, GATE)


def entries(folder: Path) -> list[str]:
    """List the entry files, the likeliest first."""
    return [entry.path.as_posix() for entry in found_in(folder).entries]


def test_livekits_starter_is_found(tmp_path: Path) -> None:
    """Its agent is in src/, started from the folder above, and dispatched by a name."""
    found = found_in(write(tmp_path, {"src/agent.py": STARTER, "tests/test_agent.py": "import livekit"}))
    (entry,) = found.entries
    assert found.command(entry) == ("{python}", "src/agent.py", "start")
    assert (entry.facts.agent_name, entry.facts.languages) == ("my-agent", ("multi",))


def test_the_older_style_is_found(tmp_path: Path) -> None:
    """WorkerOptions, with a name that a constant of the module spells out, and calls in threads."""
    (entry,) = found_in(write(tmp_path, {"main.py": WORKER})).entries
    facts = entry.facts
    assert (facts.runs, facts.agent_name, facts.in_threads) == (True, "desk", True)
    assert facts.shared_names == ("_SHARED_ASR_MODEL",)
    assert (facts.tells_models, facts.tells_memory) == (True, True)


def test_a_server_without_a_start_is_started_by_livekit(tmp_path: Path) -> None:
    """A file that runs itself is likelier, though."""
    found = found_in(write(tmp_path, {"app.py": SERVER_ONLY}))
    assert found.command(found.entries[0]) == ("{python}", "-m", "livekit.agents", "start", "app.py")
    assert entries(write(tmp_path, {"zebra.py": STARTER})) == ["zebra.py", "app.py"]


def test_the_likeliest_comes_first(tmp_path: Path) -> None:
    """Usual names near the top go before others; tests and examples come last."""
    names = ("examples/agent.py", "deep/er/agent.py", "other.py", "src/main.py", "agent.py")
    write(tmp_path, dict.fromkeys(names, STARTER))
    assert entries(tmp_path) == [
        "agent.py",
        "src/main.py",
        "other.py",
        "deep/er/agent.py",
        "examples/agent.py",
    ]


def test_environments_and_hidden_folders_are_not_looked_into(tmp_path: Path) -> None:
    """LiveKit itself is full of agents."""
    names = (".venv/agent.py", "env/agent.py", "node_modules/agent.py", ".cache/agent.py")
    write(tmp_path, dict.fromkeys(names, STARTER) | {"env/pyvenv.cfg": ""})
    assert entries(tmp_path) == []


def test_what_is_no_agent_is_none(tmp_path: Path) -> None:
    """Another library's run_app, a mention of LiveKit in a text, and an empty folder."""
    assert entries(tmp_path) == []
    write(tmp_path, {"web.py": "from aiohttp import web\nweb.run_app(1)", "a.py": "'livekit cli.run_app()'"})
    assert entries(tmp_path) == []


def test_libraries_that_run_models_are_known() -> None:
    """By the package that is imported, wherever in the file; a module of one's own with such a name is none."""
    assert read_source("def load():\n    from faster_whisper.audio import decode").runs_models
    assert read_source("import torch.nn as nn").runs_models
    assert not read_source("from livekit.plugins import openai\nfrom .whisper import x").runs_models


def test_an_env_file_that_hides_the_gates_server_is_known() -> None:
    """LiveKit's examples leave `override` out, or say that it is False."""
    assert read_source("load_dotenv('.env', override=True)").overrides_environment
    assert not read_source("dotenv.load_dotenv(override=False)\nload_dotenv()").overrides_environment


def test_a_file_that_does_not_parse_is_searched_for_words(tmp_path: Path) -> None:
    """It may be written for another Python."""
    facts = read_source("from livekit.agents import cli\nprint 'hello'\ncli.run_app(server)\n")
    assert facts == SourceFacts(livekit=True, runs=True)
    assert read_source("print 'hello'") == SourceFacts()


def test_a_name_that_is_computed_is_known_to_be_there() -> None:
    """It cannot be told, but it can be asked for."""
    facts = read_source("server.rtc_session(agent_name=os.environ['NAME'])")
    assert (facts.named, facts.agent_name) == (True, None)


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_in_the_folder_is_the_agents(tmp_path: Path, name: str) -> None:
    """It goes before the active one and before uv's."""
    write(tmp_path, {f"{name}/bin/python": "", "uv.lock": "", "active/bin/python": ""})
    interpreter = found_in(tmp_path, {"VIRTUAL_ENV": str(tmp_path / "active")}).interpreter
    assert interpreter.words == (f"{name}/bin/python",)


def test_an_active_environment_is_the_agents_unless_it_is_the_gates(tmp_path: Path) -> None:
    """Then uv's where there is a uv.lock, and the gate's own where there is nothing else."""
    environ = {"VIRTUAL_ENV": str(tmp_path / "active")}
    write(tmp_path, {"active/bin/python": ""})
    assert found_in(tmp_path, environ).interpreter.words == (str(tmp_path / "active/bin/python"),)
    assert look(tmp_path, environ, tmp_path / "active").interpreter.words == ("{python}",)
    write(tmp_path, {"uv.lock": ""})
    assert look(tmp_path, environ, tmp_path / "active").interpreter.words == ("uv", "run", "python")


def test_weights_that_the_source_names_are_found(tmp_path: Path) -> None:
    """A file, or a folder with files; not what is small, outside, or named by nobody."""
    source = (
        "load('models/whisper')\nload('voice.onnx')\nload('tiny.bin')\nload('../outside.bin')\nload('/')\n"
    )
    folder = write(
        tmp_path / "agent", {"agent.py": source, "tiny.bin": "few", "models/whisper/config.json": ""}
    )
    for path in ("models/whisper/model.bin", "voice.onnx", "unnamed.pt", "../outside.bin"):
        (folder / path).write_bytes(bytes(1_000_000))
    weights = find_weights(folder, found_in(folder).others)
    assert [path.as_posix() for path in weights] == ["models/whisper/model.bin", "voice.onnx"]
