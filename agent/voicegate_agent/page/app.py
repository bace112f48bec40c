"""The page's HTTP server: its files, `POST /token` for a call, and `GET /agent` for the agent's figures."""

import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from voicegate_agent.page.guard import RateLimit, has_key, is_own
from voicegate_agent.page.tokens import CallToken

STATIC = Path(__file__).with_name("static")
CLIENT = "livekit-client.js"
LICENCES = "licences.txt"

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".txt": "text/plain", ".svg": "image/svg+xml"}  # fmt: skip
_FIGURES_S = 3.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page needs: LiveKit's client, tokens, who may have one, where the agent's figures are if anywhere."""

    client: Path
    make_token: Callable[[], CallToken]
    origins: Collection[str]
    headers: Mapping[str, str]
    key: str | None = None
    figures_url: str | None = None
    rate: RateLimit = field(default_factory=RateLimit)


PAGE = web.AppKey("page", Page)


def build_app(page: Page) -> web.Application:
    """Lay out the routes."""
    app = web.Application(client_max_size=1024, middlewares=[_headed])
    app[PAGE] = page
    files = {f"/{path.name}": path for path in STATIC.iterdir()}
    files |= {
        "/": STATIC / "index.html",
        f"/{CLIENT}": page.client,
        f"/{LICENCES}": page.client.with_name(LICENCES),
    }
    for where, path in files.items():
        app.router.add_get(where, _file_handler(path))
    app.router.add_post("/token", give_token)
    app.router.add_get("/agent", show_figures)
    return app


@web.middleware
async def _headed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the page's headers on every answer, refusals included."""
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        response = _problem(refused.status, refused.reason, dict(refused.headers))
    response.headers.update(request.app[PAGE].headers)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _file_handler(path: Path) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8", "Cache-Control": "no-cache"}
        return web.FileResponse(path, headers=headers)

    return answer


async def give_token(request: web.Request) -> web.StreamResponse:
    """`POST /token`: leave for one call, in a room that we choose; whatever the request says beside its headers is ignored."""
    page = request.app[PAGE]
    origin = request.headers.get("Origin")
    if not is_own(origin, page.origins):
        return _problem(
            403, f"the page was opened at {origin}, and calls are made from {', '.join(sorted(page.origins))}"
        )
    if not has_key(request.headers.get("Authorization"), page.key):
        return _problem(401, "a key is needed")
    if wait_s := page.rate.wait_s():
        return _problem(429, "too many calls were begun", {"Retry-After": str(math.ceil(wait_s))})
    return web.json_response(asdict(page.make_token()))


async def show_figures(request: web.Request) -> web.StreamResponse:
    """`GET /agent`: what the agent says of its memory, calls and models; nothing where nobody said where to ask."""
    page = request.app[PAGE]
    if not has_key(request.headers.get("Authorization"), page.key):
        return _problem(401, "a key is needed")
    if page.figures_url is None:
        return web.Response(status=204)
    try:
        timeout = aiohttp.ClientTimeout(total=_FIGURES_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(page.figures_url) as reply:
            reply.raise_for_status()
            figures: Any = await reply.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return _problem(502, f"the agent's figures cannot be read: {type(error).__name__}")
    return web.json_response(figures)


def _problem(status: int, reason: str, headers: Mapping[str, str] | None = None) -> web.Response:
    kept = {name: value for name, value in (headers or {}).items() if name in ("Retry-After", "Allow")}
    return web.json_response({"error": reason}, status=status, headers=kept)
