"""The text of a first gate file: what it says in which case, and that the gate reads it."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from voicegate.init.draft import Draft
from voicegate.init.gate_text import gate_text
from voicegate.judge.registry import Limits
from voicegate.settings import GateSettings, load_settings

PLAIN = Draft(
    folder=Path("/agent"),
    command=("{python}", "agent.py", "start"),
    agent_name="",
    name_is_computed=False,
    language="",
    in_threads=False,
    runs_models=True,
    overrides_environment=False,
    shared=(),
    weights=(),
    weights_bytes=0,
    tells_models=False,
    tells_memory=False,
)


def text_of(**changes: Any) -> str:
    """Write the file of a plain agent with something changed, beside the agent."""
    return gate_text(replace(PLAIN, **changes), Path("/agent/gate.toml"))


def settings_of(folder: Path, **changes: Any) -> GateSettings:
    """Read the file of a plain agent with something changed."""
    draft = replace(PLAIN, folder=folder, **changes)
    file = folder / "gate.toml"
    file.write_text(gate_text(draft, file), encoding="utf-8")
    return load_settings(file, {})


def test_a_plain_agent_needs_little(tmp_path: Path) -> None:
    """Any reply will do; criteria that its log cannot feed are not run; the file is short."""
    settings = settings_of(tmp_path)
    assert settings.agent.command == PLAIN.command
    assert settings.agent.working_directory == tmp_path
    assert (settings.agent.expected_reply, settings.agent.agent_name) == ("", None)
    assert not settings.log.names_models
    assert not settings.log.reports_memory
    assert len(text_of().splitlines()) < 45


def test_what_was_found_is_said(tmp_path: Path) -> None:
    """Name, isolation, weights and shared models."""
    settings = settings_of(
        tmp_path,
        agent_name='the "desk"',
        in_threads=True,
        weights=(Path("model.bin"),),
        weights_bytes=1_600_000_000,
        shared=((Path("src/models.py"), ("_SHARED_ASR", "_SHARED_TTS")), (Path("a.py"), ("_SHARED_ASR",))),
        tells_models=True,
        tells_memory=True,
    )
    assert settings.agent.agent_name == 'the "desk"'
    assert (settings.agent.isolation, settings.agent.weights_bytes) == ("thread", 1_600_000_000)
    assert settings.source.files == (tmp_path / "src/models.py", tmp_path / "a.py")
    assert settings.source.names == ("_SHARED_ASR", "_SHARED_TTS")
    assert settings.log.names_models
    assert settings.log.reports_memory


def test_without_models_of_its_own_c4_is_off(tmp_path: Path) -> None:
    """An agent whose models all run elsewhere cannot grow by their weights."""
    assert settings_of(tmp_path, runs_models=False).criteria.off == ("C4",)
    for more in ({"runs_models": True}, {"weights": (Path("a.bin"),)}, {"shared": ((Path("a.py"), ("A",)),)}):
        assert settings_of(tmp_path, **{"runs_models": False} | more).criteria.off == ()


def test_the_limits_stay_as_they_are(tmp_path: Path) -> None:
    """The gate knows by itself when its ears do not fit; the file says how it gets others."""
    assert settings_of(tmp_path).limits == Limits()
    assert 'understands de\n# language = "de"\n' in text_of(language="de-AT").replace("de-AT", "de")


def test_each_part_of_the_log_is_judged_by_itself(tmp_path: Path) -> None:
    """An agent may report its memory and say nothing about its models."""
    assert settings_of(tmp_path, tells_memory=True).log.reports_memory
    assert not settings_of(tmp_path, tells_memory=True).log.names_models


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overrides_environment": True}, "load_dotenv(override=True)"),
        ({"language": "de"}, "The agent speaks de,"),
        ({"name_is_computed": True}, "# agent_name = "),
        ({"weights_bytes": 0}, "# weights_bytes = "),
    ],
)
def test_what_has_to_be_added_stands_in_a_comment(changes: dict[str, Any], words: str) -> None:
    """With the keys, so that only the hash has to go."""
    assert words in text_of(**changes)


@pytest.mark.parametrize("language", ["", "en", "en-GB", "multi"])
def test_english_needs_no_other_clips(language: str) -> None:
    """Nor does an agent of many languages."""
    assert "[scenario]" not in text_of(language=language)


def test_comments_become_keys_without_their_hash(tmp_path: Path) -> None:
    """Every commented table is one that the gate knows."""
    text = text_of(language="de", name_is_computed=True)
    keys = [line for line in text.splitlines() if line.startswith("# ") and (" = " in line or line[2] == "[")]
    assert len(keys) == 8
    known = GateSettings.model_fields
    for line in keys:
        assert all(
            key in known or key in ("agent_name", "weights_bytes", "off", "clips", "model", "language")
            for key in tomllib.loads(line[2:])
        )


def test_a_file_elsewhere_points_to_the_agent(tmp_path: Path) -> None:
    """Relative to where it stands."""
    file = tmp_path / "gates" / "desk.toml"
    file.parent.mkdir()
    folder = tmp_path / "agent"
    shared = ((Path("agent.py"), ("_SHARED",)),)
    file.write_text(gate_text(replace(PLAIN, folder=folder, shared=shared), file))
    assert 'working_directory = "../agent"' in file.read_text()
    assert load_settings(file, {}).source.files == (folder / "agent.py",)
