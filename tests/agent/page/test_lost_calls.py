"""What the page says of calls that are not answered, refused or lost, in a real browser, with a LiveKit server."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest
from agent.page.conftest import ServePage
from agent.page.pages import (
    in_call,
    livekit_settings,
    opened,
    shown_problem,
    shown_state,
    take_pictures,
)
from live import StartAgent
from platformdirs import user_cache_path
from pydantic import SecretStr
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.drive.page.browser import Browser
from voicegate.drive.page.program import find_browser
from voicegate.settings import LiveKitSection

pytestmark = [
    pytest.mark.slow,
    pytest.mark.end_to_end,
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
    pytest.mark.asyncio(loop_scope="module"),
]


HURRY = """
const wait = setTimeout, minutes = [];
let hurry = false;
setTimeout = (act, ms, ...rest) => {
  if (ms === 60_000) minutes.push(act);
  return wait(act, hurry ? ms / 10 : ms, ...rest);
};
"""
"""Lets a test fire timers of a minute, and have those that begin from now on fire sooner: LiveKit's client tries again for three quarters of a minute."""


async def test_nobody_answers_or_all_are_busy_or_the_agent_dies(
    start_agent: StartAgent,
    livekit: LiveKitServer,
    serve_page: ServePage,
    browser: Browser,
    tmp_path: Path,
    axe: str,
) -> None:
    """Without an agent the page says so after 10 s, and goes on waiting; an agent that is full says so; of one that is killed in the call the page tells when LiveKit does."""
    async with serve_page(**livekit_settings(livekit)) as address:
        tab = await opened(browser, address)
        await shown_state(tab, "Waiting for the agent")
        await take_pictures(tab, tmp_path, "waiting", axe)
        await shown_state(tab, "No agent has answered yet")
        await take_pictures(tab, tmp_path, "late", axe)
        await tab.click("#hang-up")
        async with start_agent(VOICEGATE_CAPACITY="1") as agent:
            await tab.click("#call")
            await in_call(tab)
            second = await opened(browser, address)
            assert await shown_problem(second) == "busy"
            assert "all its calls are taken" in await second.evaluate(
                "document.getElementById('problem-title').textContent"
            )
            await take_pictures(second, tmp_path, "busy", axe)
            for process in reversed(agent.processes()):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
            assert await shown_problem(tab, 60) == "agent-gone"
            await take_pictures(tab, tmp_path, "agent-gone", axe)


async def test_refused_token(livekit: LiveKitServer, serve_page: ServePage, browser: Browser) -> None:
    """A page with another secret than the server's."""
    wrong = livekit_settings(livekit) | {"livekit_api_secret": SecretStr("another" * 6)}
    async with serve_page(**wrong) as address:
        assert await shown_problem(await opened(browser, address)) == "refused"


async def test_network_that_is_away_for_5_s_and_server_that_is_gone_for_good(
    start_agent: StartAgent, serve_page: ServePage, browser: Browser, tmp_path: Path, axe: str
) -> None:
    """A call goes on after five seconds without the server; when it does not come back, the page says so."""
    log = tmp_path / "livekit-server.log"
    own = livekit_server(
        LiveKitSection(), os.environ, cache=user_cache_path("voicegate"), log=log, progress=print, on_step=lambda *_: None
    )  # fmt: skip
    async with (
        own as server,
        start_agent(**server.environment()),
        serve_page(**livekit_settings(server)) as address,
    ):
        assert server.process is not None
        leash = psutil.Process(server.process.pid)
        programs = [leash, *leash.children(recursive=True)]
        tab = await opened(browser, address, HURRY)
        await in_call(tab)
        for program in programs:
            program.suspend()
        await asyncio.sleep(5)  # what is tried is this time
        for program in programs:
            program.resume()
        said = await tab.evaluate("document.querySelectorAll('#transcript li').length")
        await tab.until(
            f"document.querySelectorAll('#transcript li').length > {said} + 1", "the call goes on", 60
        )
        await tab.until(
            "document.getElementById('connection').dataset.connection === 'good'", "it is connected"
        )
        for program in programs:
            program.kill()
        await shown_state(tab, "Connection lost, trying again", 90)
        await take_pictures(tab, tmp_path, "reconnecting", axe)
        await tab.evaluate("minutes.forEach((act) => act())")  # whose end an answered call is not to notice
        await tab.evaluate("hurry = true")
        assert await shown_problem(tab, 120) == "server-gone"
        await take_pictures(tab, tmp_path, "server-gone", axe)
