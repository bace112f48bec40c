"""What a model host is given of its parent's environment: it reads strangers' audio, and needs nobody's keys."""

import re
from collections.abc import Mapping

_WITHHELD = re.compile(r"^LIVEKIT_|(^|_)(KEY|SECRET|TOKEN|PASSWORD|CREDENTIALS?)(_|$)", re.IGNORECASE)


def host_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out LiveKit's address and keys, and whatever is called like a secret."""
    return {name: value for name, value in environment.items() if not _WITHHELD.search(name)}
