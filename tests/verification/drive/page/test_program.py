"""Which browser is taken."""

from pathlib import Path

from voicegate.drive.page.program import find_browser


def made(folder: Path, name: str, text: str) -> Path:
    """Make a program."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_snap_is_none(tmp_path: Path) -> None:
    """Ubuntu's Chromium is a script that starts one; what comes after it on PATH is taken, and Chrome before Chromium."""
    snap = made(tmp_path / "a", "chromium-browser", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n').parent
    assert find_browser(str(snap)) is None
    linked = tmp_path / "b"
    linked.mkdir()
    (linked / "chromium").symlink_to(made(tmp_path / "bin", "snap", "snap"))
    assert find_browser(str(linked)) is None
    chromium = made(tmp_path / "c", "chromium", "#!/bin/sh\n")
    assert find_browser(f"{snap}:{chromium.parent}") == str(chromium)
    chrome = made(tmp_path / "c", "google-chrome", "#!/bin/sh\n")
    assert find_browser(str(chrome.parent)) == str(chrome)
