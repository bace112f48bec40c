"""Which criteria a gate file leaves out."""

from pathlib import Path

import pytest
from our_agent import EXTENDS_OURS, our_settings
from voicegate.criteria_choice import disabled_criteria, without_unjudged_variants
from voicegate.judge.registry import all_criteria
from voicegate.settings import SettingsError, load_settings

ALL = {criterion.short_id for criterion in all_criteria()}
ON_PROCESSES = {"C4", "C5", "C6", "C7", "C8", "G6", "G7", "G10", "L4", "L5"}
ON_THE_LOG = {"C1", "C2", "C3", "C8", "G6", "G11"}


def left_out(folder: Path, text: str) -> dict[str, str]:
    """Return what this gate file leaves out, by short ids."""
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return {id_.split("-")[0]: why for id_, why in disabled_criteria(load_settings(path, {})).items()}


def test_nothing_is_left_out_by_itself() -> None:
    """The packaged file judges everything."""
    assert disabled_criteria(our_settings()) == {}


@pytest.mark.parametrize(
    ("off", "played"),
    [("[]", (True, True)), ("['G6']", (False, True)), ("['G10']", (True, False)), ("['C5']", (True, True))],
)
def test_a_variant_is_played_for_its_criterion_only(
    tmp_path: Path, off: str, played: tuple[bool, bool]
) -> None:
    """What nobody judges takes no time."""
    path = tmp_path / "gate.toml"
    path.write_text(f"{EXTENDS_OURS}[criteria]\noff = {off}\n", encoding="utf-8")
    variants = without_unjudged_variants(load_settings(path, {})).variants
    assert (variants.forced_gc is not None, variants.unshared is not None) == played


def test_off_names_what_is_left_out(tmp_path: Path) -> None:
    """By whole ids or by the part that people say."""
    found = left_out(tmp_path, "[agent]\ncommand = ['x']\n[criteria]\noff = ['C8-monitor', 'G11']\n")
    assert found == dict.fromkeys(("C8", "G11"), "turned off in the gate's configuration")


def test_on_names_what_is_judged(tmp_path: Path) -> None:
    """Everything else is off."""
    found = left_out(tmp_path, "[criteria]\non = ['C5', 'G2-transcripts']\n")
    assert found.keys() == ALL - {"C5", "G2"}


def test_a_profile_may_leave_out_more(tmp_path: Path) -> None:
    """Its own list holds for it alone; what is off for all profiles says so."""
    text = "[criteria]\noff = ['G2']\noff_for = { small = ['C4', 'G2'], other = ['C5'] }\n[agent]\nprofile = 'small'\n"
    assert left_out(tmp_path, text) == {
        "C4": "turned off for the profile small in the gate's configuration",
        "G2": "turned off in the gate's configuration",
    }


def test_our_small_models_are_left_out_of_c4() -> None:
    """They are too small for it, in every run of the profile `micro`."""
    assert disabled_criteria(our_settings().changed(profile="micro")).keys() == {"C4-first-growth"}


def test_an_unknown_id_for_a_profile_is_named_with_its_line(tmp_path: Path) -> None:
    """Also for a profile that is not the file's own."""
    with pytest.raises(SettingsError, match=r"toml:2: criteria\.off_for\.small\.0: unknown criterion 'C55'"):
        left_out(tmp_path, "[criteria.off_for]\nsmall = ['C55']\n")


@pytest.mark.parametrize("key", ["on", "off"])
def test_an_unknown_id_is_named_with_its_line(tmp_path: Path, key: str) -> None:
    """With what there is instead."""
    with pytest.raises(
        SettingsError,
        match=rf"toml:4: criteria\.{key}\.1: unknown criterion 'C55'; known: C1-first-initialises, C2-",
    ):
        left_out(tmp_path, f"[criteria]\n{key} = [\n'C5',\n'C55',\n]\n")


def test_without_processes_memory_is_not_judged(tmp_path: Path) -> None:
    """An agent somewhere else is judged by its calls."""
    found = left_out(tmp_path, "[agent]\nrunning = true\nlog = 'file'\nlog_file = 'a.log'\n")
    assert found.keys() == ON_PROCESSES | {"G6", "G10"}
    assert "agent.running" in found["C5"]


def test_without_a_log_nothing_in_it_is_judged(tmp_path: Path) -> None:
    """The agent's memory is, as it is started by the gate."""
    found = left_out(tmp_path, "[agent]\ncommand = ['x']\nlog = 'none'\n")
    assert found.keys() == ON_THE_LOG
    assert 'agent.log is "none"' in found["G11"]


def test_an_agent_that_runs_already_cannot_be_started_otherwise(tmp_path: Path) -> None:
    """Its memory and its log are judged, but not what needs it to be started in another way."""
    found = left_out(tmp_path, "[agent]\npid = 7\nlog = 'file'\nlog_file = 'a.log'\n")
    assert found.keys() == {"G6", "G10"}


def test_what_is_turned_off_says_so_first(tmp_path: Path) -> None:
    """Whoever turned it off is not told about processes."""
    found = left_out(tmp_path, "[agent]\nrunning = true\n[criteria]\noff = ['C5']\n")
    assert found["C5"] == "turned off in the gate's configuration"
