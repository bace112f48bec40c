"""For the site: links to files of the repository lead to the repository, or are plain text where nobody said where that is."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./|examples/)([^)#]*)(#[^)]*)?\)")


def on_page_markdown(markdown: str, config: "MkDocsConfig", **_: object) -> str:
    """Replace the links that lead out of docs/. Raises FileNotFoundError for one that leads nowhere."""

    def replaced(link: re.Match[str]) -> str:
        text, path, anchor = link[1], link[2], link[3] or ""
        root = Path(config.config_file_path).parent
        if not (root / path).exists() and not (root / "docs" / "examples" / path).exists():
            raise FileNotFoundError(f"a page links to {path}, which is not there")
        return (
            f"[{text}]({config.repo_url.rstrip('/')}/blob/main/{path}{anchor})" if config.repo_url else text
        )

    return _OUTSIDE.sub(replaced, markdown)
