"""A browser, LiveKit's client for it, and pages on servers that are there or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio
from agent.page.pages import CODE, spoken
from platformdirs import user_cache_path
from pydantic import SecretStr
from voicegate.drive.page.browser import FAKE_MICROPHONE, Browser, running_browser
from voicegate.drive.page.program import find_browser
from voicegate_agent.page.livekit_client import PageClientError, cache_folder, have_client
from voicegate_agent.page.serving import page_server
from voicegate_agent.settings import AgentSettings

ServePage = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
def client_file() -> Path:
    """Have LiveKit's client, fetched once into the cache; without npm, or a registry, there is no page to try."""
    try:
        return asyncio.run(have_client(cache_folder(user_cache_path("voicegate")), print))
    except PageClientError as error:
        pytest.skip(str(error))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Run a browser whose microphone says the code over and over; skip where there is none."""
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome on PATH (Debian and Ubuntu: apt install chromium)")
    said = spoken(CODE, tmp_path_factory.mktemp("microphone") / "said.wav")
    async with running_browser((*FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={said}")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def browser(shared_browser: Browser) -> AsyncIterator[Browser]:
    """Have the browser of the module; the tabs that the test opened are closed after it."""
    earlier = await pages_of(shared_browser)
    yield shared_browser
    for page in await pages_of(shared_browser) - earlier:
        await shared_browser.send("Target.closeTarget", {"targetId": page})


async def pages_of(browser: Browser) -> set[str]:
    """Name the pages that are open."""
    found = (await browser.send("Target.getTargets", {}))["targetInfos"]
    return {one["targetId"] for one in found if one["type"] == "page"}


@pytest.fixture(scope="session")
def serve_page(client_file: Path) -> ServePage:
    """Give a function that serves the page inside a block, with settings as arguments; nothing answers at its LiveKit address."""

    def serve(**settings: object) -> AbstractAsyncContextManager[str]:
        usual = {
            "livekit_url": "ws://127.0.0.1:19",
            "livekit_api_key": "key",
            "livekit_api_secret": SecretStr("secret" * 6),
            "page_port": 0,
        }
        return page_server(AgentSettings.model_validate(usual | settings), client_file)

    return serve
