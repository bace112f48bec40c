"""The agent's page with one thing broken in what it gives to browsers: MUTANT_PAGE says what."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from voicegate_agent import __main__ as command_line
from voicegate_agent.page import app

FAULTS = {
    "no sound": ("call.js", "document.body.append(track.attach());", ""),
    "one call only": (
        "page.js",
        'buttons.call.hidden = problem?.kind === "key";',
        "buttons.call.hidden = true;",
    ),
}


def break_page(fault: str, folder: Path) -> None:
    """Serve a copy of the page's files in which a piece of a script is another one."""
    name, right, wrong = FAULTS[fault]
    static = shutil.copytree(app.STATIC, folder / "static")
    script = (static / name).read_text(encoding="utf-8")
    if right not in script:
        raise SystemExit(f"{name} has no {right!r}: mend {__name__}")
    (static / name).write_text(script.replace(right, wrong), encoding="utf-8")
    app.STATIC = static


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        break_page(os.environ["MUTANT_PAGE"], Path(temporary))
        sys.exit(command_line.main())
