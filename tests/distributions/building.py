"""Building one of the two distributions of this checkout."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(project: str, into: Path) -> None:
    """Build a source archive, and the wheel from that, as `nox -s build` does."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), str(ROOT / project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
