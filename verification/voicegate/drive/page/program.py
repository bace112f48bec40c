"""The browser as a program: which ones will do, and where one is."""

import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser(path: str | None = None) -> str | None:
    """Find Chromium or Chrome on PATH, or on this one."""
    return next((found for name in PROGRAMS if (found := shutil.which(name, path=path))), None)
