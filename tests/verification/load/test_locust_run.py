"""Running Locust as a child."""

from pathlib import Path

import pytest
from voicegate.gate_file import SettingsError
from voicegate.load.locust_run import (
    LocustError,
    check_arguments,
    locust_command,
    page_address,
    run_locust,
)


def test_locusts_own_reports_lie_beside_ours(tmp_path: Path) -> None:
    """Unless somebody wants them elsewhere."""
    command = locust_command(["-u", "5"], tmp_path)
    assert command[command.index("--html") + 1] == str(tmp_path / "locust.html")
    command = locust_command(["--html", "x.html"], tmp_path)
    assert command.index("x.html") > command.index(str(tmp_path / "locust.html")), "the last one counts"


def test_two_runs_at_a_time_have_masters_of_their_own(tmp_path: Path) -> None:
    """Locust's usual port is one for all: the second run with `--processes` ended at once."""
    commands = [locust_command(["--processes", "2"], tmp_path) for _ in range(2)]
    bound, sought = (
        [one[one.index(name) + 1] for one in commands] for name in ("--master-bind-port", "--master-port")
    )
    assert bound == sought
    assert "5557" not in bound
    assert len(set(bound)) == 2


@pytest.mark.parametrize(
    "arguments", [["-u", "5", "-t", "2m", "--shape", "steps", "--tags", "brief"], ["--csv-full-history"]]
)
def test_options_that_locust_knows_are_taken(arguments: list[str]) -> None:
    """Its own, those of loadtests/, and those that go with a table."""
    check_arguments(arguments)


def test_nothing_in_the_place_changes_what_locust_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of Locust's, no configuration file of the folder or of the user's home, and no module in the folder."""
    home, folder = tmp_path / "home", tmp_path / "folder"
    for place in (home, folder):
        place.mkdir()
        (place / ".locust.conf").write_text("frobnicate = 1\nusers = many\n")
        (place / "locust.conf").write_text("users = many\n")
        (place / "pyproject.toml").write_text('[tool.locust]\nusers = "many"\n')
        (place / "secrets.py").write_text("raise SystemExit('not this one')\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LOCUST_USERS", "many")
    monkeypatch.setenv("LOCUST_EXCLUDE_TAGS", "call")
    check_arguments(["-u", "5"])


async def test_locust_has_the_users_home(tmp_path: Path) -> None:
    """A gate file may name folders by `~`, and Python finds what `pip install --user` put there."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "company.toml").write_text("[scenario]\nfrobnicate = 1\n")
    (home / ".locust.conf").write_text("users = many\n")
    gate = tmp_path / "gate.toml"
    gate.write_text('extends = "~/company.toml"\n')
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "VOICEGATE_GATE": str(gate)}
    with pytest.raises(LocustError, match=r"home/company\.toml.*frobnicate"):
        await run_locust(["--headless"], tmp_path, environment)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["--shape", "circle"], "invalid choice: 'circle'"),
    ],
)
def test_others_are_refused_before_anything_starts(arguments: list[str], complaint: str) -> None:
    """With Locust's own words."""
    with pytest.raises(SettingsError, match=complaint):
        check_arguments(arguments)


async def test_an_end_that_is_none_of_locusts_own_is_told_with_its_last_lines(tmp_path: Path) -> None:
    """Here: no server was given."""
    with pytest.raises(LocustError, match=r"exit code 2[\s\S]*no LiveKit server is given"):
        await run_locust(["--headless"], tmp_path, {"PATH": "/usr/bin:/bin"})


async def test_no_secret_stays_in_what_locust_writes(tmp_path: Path) -> None:
    """However it ends, neither its log nor its tables hold a key that it was given."""
    secret = "s3cr3t-value"
    (tmp_path / "locust_stats.csv").write_text(f"GET,{secret},1\n")
    environment = {"PATH": "/usr/bin:/bin", "LIVEKIT_API_SECRET": secret}
    with pytest.raises(LocustError) as told:
        await run_locust(["--headless", f"--frobnicate={secret}"], tmp_path, environment)
    assert (tmp_path / "locust_stats.csv").read_text() == "GET,***,1\n"
    assert "--frobnicate=***" in (tmp_path / "locust.log").read_text()
    assert secret not in str(told.value)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["--headless", "-u", "5"], None),
        (["-u", "5"], "http://localhost:8089"),
        (["--web-host", "127.0.0.1", "-P", "9000", "-t", "2m"], "http://127.0.0.1:9000"),
        (["--web-host", "127.0.0.1", "--web-host=10.0.0.1"], "http://10.0.0.1:8089"),
    ],
)
def test_the_page_is_told_by_its_address(arguments: list[str], address: str | None) -> None:
    """As Locust takes host and port: the last one counts."""
    assert page_address(arguments) == address
