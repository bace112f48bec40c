"""The pages of docs/ as a site, and README beside it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]*))?\)")


def anchors(page: Path) -> set[str]:
    """List the anchors of a page's headings, as MkDocs and GitHub make them of words and hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_no_link_of_the_site_leads_nowhere(tmp_path: Path) -> None:
    """Neither between its pages nor to files of the repository, and every page is in the menu."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "http" not in "".join(
        re.findall(r'<(?:script|link) [^>]*(?:src|href)="([^"]*)"', (tmp_path / "index.html").read_text())
    )


def test_no_link_of_the_readme_leads_nowhere() -> None:
    """It is no page of the site; it is short, so that people read it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = LINK.findall(text)
    assert [path for path, _ in links if not (ROOT / path).exists()] == []
    assert [link for link in links if link[1] and link[1] not in anchors(ROOT / link[0])] == []
    assert len(text.splitlines()) <= 150
