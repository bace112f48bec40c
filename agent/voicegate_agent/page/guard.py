"""Who may have the page and its tokens: headers of every answer, origins, keys, and how often."""

import hmac
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BURST = 10
REFILL_S = 6.0


@dataclass(slots=True)
class RateLimit:
    """Lets `burst` requests through at once, and then one more each `refill_s`."""

    burst: int = BURST
    refill_s: float = REFILL_S
    clock: Callable[[], float] = time.monotonic
    _free_at_s: float = field(default=float("-inf"), init=False)

    def wait_s(self) -> float:
        """Take a place and return 0, or return in how many seconds there will be one."""
        now_s = self.clock()
        next_s = max(self._free_at_s, now_s) + self.refill_s
        wait_s = next_s - now_s - self.burst * self.refill_s
        if wait_s > 0:
            return wait_s
        self._free_at_s = next_s
        return 0.0


def own_origins(port: int, origin: str | None) -> frozenset[str]:
    """List where the page can have been opened: on this machine by any of its names, and where the settings say."""
    local = {f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    return frozenset(local | ({origin} if origin else set()))


def is_own(origin: str | None, origins: Collection[str]) -> bool:
    """Whether a request came from the page; every browser says where a POST comes from."""
    return origin in origins


def has_key(authorization: str | None, key: str | None) -> bool:
    """Whether the request shows the key (`Authorization: Bearer KEY`), if there is one to show."""
    if key is None:
        return True
    return hmac.compare_digest((authorization or "").encode(), f"Bearer {key}".encode())


def page_headers(livekit_url: str) -> dict[str, str]:
    """Give the headers that keep the page to itself: it talks to us and to the LiveKit server, and to nobody else."""
    connect = " ".join(("'self'", *_addresses(livekit_url)))
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _addresses(livekit_url: str) -> tuple[str, str]:
    """Name the server as a WebSocket and over HTTP, where LiveKit's client asks why it was refused."""
    parts = urlsplit(livekit_url)
    ends = "s" if parts.scheme in ("wss", "https") else ""
    host = "*.livekit.cloud" if (parts.hostname or "").endswith(".livekit.cloud") else parts.netloc
    return f"ws{ends}://{host}", f"http{ends}://{host}"
