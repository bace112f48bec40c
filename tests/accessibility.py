"""axe, the checker of WCAG and ARIA, for pages that a browser has open: npm fetches it once into the cache, as axe/package-lock.json pins it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from platformdirs import user_cache_path
from voicegate.drive.page.browser import Tab
from voicegate_agent.page.livekit_client import PageClientError, find_npm

_PINNED = Path(__file__).with_name("axe")
_FETCH_S = 120
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_FOUND = f"""axe.run(document, {{ runOnly: {list(_RULES)} }}).then(({{ violations }}) => JSON.stringify(violations.map(
  ({{ help, nodes }}) => `${{help}}: ${{nodes[0].target.join(' ')}}: ${{nodes[0].failureSummary}}`)))"""


@pytest.fixture(scope="session")
def axe() -> str:
    """Have axe as JavaScript; without npm, or a registry, nothing is checked."""
    lock = json.loads((_PINNED / "package-lock.json").read_text("utf-8"))
    version = lock["packages"]["node_modules/axe-core"]["version"]
    kept = user_cache_path("voicegate") / "tests" / f"axe-core-{version}.js"
    if not kept.exists():
        try:
            _fetch(kept)
        except (PageClientError, subprocess.SubprocessError) as error:
            pytest.skip(f"no axe: {error}")
    return kept.read_text("utf-8")


def _fetch(kept: Path) -> None:
    """Have npm install what the lock pins, its hash checked and no script run, and keep the one file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as work_name:
        work = Path(work_name)
        for file in _PINNED.iterdir():
            (work / file.name).write_bytes(file.read_bytes())
        command = [*find_npm(os.environ), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=work, check=True, timeout=_FETCH_S, capture_output=True)
        (work / "node_modules" / "axe-core" / "axe.min.js").replace(kept)


async def violations(tab: Tab, axe: str) -> list[str]:
    """List what axe finds wrong with the page as it is shown now: each rule with its first element."""
    await tab.evaluate(f"{axe};0")
    found: list[str] = json.loads(await tab.evaluate(_FOUND))
    return found
