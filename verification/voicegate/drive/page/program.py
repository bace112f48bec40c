"""The browser as a program: which ones will do, and where one is."""

import shutil
from pathlib import Path

PROGRAMS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
HOW_TO_GET_ONE = (
    "Debian: apt install chromium; elsewhere Google Chrome; Ubuntu's Chromium is a snap, which cannot be used"
)

_SNAP = b"/snap/bin"
_SCRIPT_BYTES = 4096


def find_browser(path: str | None = None) -> str | None:
    """Find Chromium or Chrome on PATH, or on this one; a snap has a /tmp of its own, in which nobody else finds it."""
    found = (shutil.which(name, path=path) for name in PROGRAMS)
    return next((one for one in found if one and not _is_snap(Path(one))), None)


def _is_snap(program: Path) -> bool:
    """Whether it is a snap, or a script that starts one."""
    if program.is_relative_to("/snap") or program.resolve().name == "snap":
        return True
    with program.open("rb") as file:
        return _SNAP in file.read(_SCRIPT_BYTES)
