"""Which licences the packages may have that come with an installed distribution, read from pip-licenses' report.

The report knows what a package's metadata says. What a wheel bundles (PyAV's FFmpeg, for one) is not in it.
"""

import json
import re
from dataclasses import dataclass

ALLOWED = frozenset(
    {
        "0BSD",
        "3-Clause BSD License",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CNRI-Python",  # of Python 1.6, and so of `regex`: may be used, changed and passed on
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
        "Zlib",
    }
)
# By distribution: packages with a licence of another kind, and the licence that was agreed to.
ONLY_HERE = {
    "voicegate": {},
    "voicegate-agent": {
        "piper-tts": "GPL-3.0-or-later",  # README says what that means for whoever ships both
        # LiveKit's model licence: use with LiveKit Agents only. livekit-agents requires the package.
        "livekit-local-inference": "Apache Software License; Other/Proprietary License",
    },
}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package and the licence that its metadata names."""

    name: str
    version: str
    licence: str


def read_report(text: str) -> list[Package]:
    """Read the output of `pip-licenses --from=mixed --format=json`."""
    return [Package(entry["Name"], entry["Version"], entry["License"]) for entry in json.loads(text)]


def problems_of_licences(distribution: str, packages: list[Package]) -> list[str]:
    """Name the packages whose licence is not allowed in this distribution, and exceptions that nobody needs."""
    only_here = ONLY_HERE[distribution]
    problems = [
        f"{package.name} {package.version} has the licence {package.licence!r}, which is not allowed in "
        f"{distribution}: do without it, or add it to tests/distributions/licences.py with a reason"
        for package in packages
        if not is_allowed(package.licence) and only_here.get(package.name) != package.licence
    ]
    installed = {package.name for package in packages}
    unused = sorted(set(only_here) - installed)
    return problems + [
        f"{name} is no longer in {distribution}: remove its exception from tests/distributions/licences.py"
        for name in unused
    ]


def is_allowed(licence: str) -> bool:
    """Say whether one of the alternatives ("A OR B") is allowed in all its parts ("A AND B", "A; B")."""
    return any(
        all(part.strip() in ALLOWED for part in re.split(r" AND |;", alternative))
        for alternative in licence.split(" OR ")
    )
