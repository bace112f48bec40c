"""The page from start to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from voicegate_agent.page.app import Page, build_app
from voicegate_agent.page.guard import own_origins, page_headers
from voicegate_agent.page.livekit_client import cache_folder, have_client
from voicegate_agent.page.tokens import call_token
from voicegate_agent.settings import AgentSettings


async def serve_page(settings: AgentSettings, tell: Callable[[str], None]) -> None:
    """Serve the page until told to stop; `tell` is given its address. The settings have what LiveKit needs.

    Raises PageClientError when LiveKit's client cannot be fetched, and OSError when the port is taken.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    client = await have_client(cache_folder(settings.cache_dir), tell)
    async with page_server(settings, client) as address:
        tell(f"The page: {address}")
        await stopped.wait()


@asynccontextmanager
async def page_server(settings: AgentSettings, client: Path) -> AsyncIterator[str]:
    """Serve the page inside the block, and give its address, with the key if callers must have one."""
    family = socket.AF_INET6 if ":" in settings.page_host else socket.AF_INET
    # The port decides which origins are ours, and the system may choose it: so the socket comes first.
    listener = socket.create_server((settings.page_host, settings.page_port), family=family)
    port: int = listener.getsockname()[1]
    runner = web.AppRunner(build_app(describe_page(settings, client, port)), access_log=None)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        host = f"[{settings.page_host}]" if ":" in settings.page_host else settings.page_host
        key = (
            f"#key={quote(settings.page_secret.get_secret_value(), safe='')}" if settings.page_secret else ""
        )
        yield f"{settings.page_origin or f'http://{host}:{port}'}/{key}"
    finally:
        await runner.cleanup()
        listener.close()


def describe_page(settings: AgentSettings, client: Path, port: int) -> Page:
    """Say what the page is made of, and who may call."""
    assert settings.livekit_url is not None
    assert settings.livekit_api_key is not None
    assert settings.livekit_api_secret is not None
    url = settings.page_livekit_url or settings.livekit_url
    key, secret = settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
    figures = (
        f"http://{settings.http_host}:{settings.figures_port}/figures" if settings.figures_port else None
    )
    return Page(
        client,
        partial(call_token, url, key, secret),
        own_origins(port, settings.page_origin),
        page_headers(url),
        settings.page_secret.get_secret_value() if settings.page_secret else None,
        figures,
    )
