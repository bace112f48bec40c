"""Calls from the page in a real browser, through a LiveKit server, to the agent."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from agent.page.conftest import ServePage
from agent.page.pages import shown_problem, shown_state, spoken, take_pictures
from live import StartAgent
from platformdirs import user_cache_path
from pydantic import SecretStr
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.drive.page.browser import FAKE_MICROPHONE, Browser, Tab, running_browser
from voicegate.drive.page.program import find_browser
from voicegate.settings import LiveKitSection

pytestmark = [
    pytest.mark.slow,
    pytest.mark.end_to_end,
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
]

CODE = "5203"
IN_WORDS = "five two zero three"

COUNT_SOUND = """
const connections = [], Connection = RTCPeerConnection;
RTCPeerConnection = class extends Connection {
  constructor(...all) { super(...all); connections.push(this); }
};
const heardEnergy = async () => {
  let energy = 0;
  for (const connection of connections) for (const report of (await connection.getStats()).values())
    if (report.type === "inbound-rtp") energy += report.totalAudioEnergy ?? 0;
  return energy;
};
const playing = () => [...document.querySelectorAll("audio")].filter((one) => !one.paused).length;
"""


def livekit_settings(livekit: LiveKitServer) -> dict[str, object]:
    """Name the server as the page's settings do."""
    return {
        "livekit_url": livekit.url,
        "livekit_api_key": livekit.api_key,
        "livekit_api_secret": SecretStr(livekit.api_secret),
    }


@asynccontextmanager
async def talking_browser(folder: Path) -> AsyncIterator[Browser]:
    """Run a browser whose microphone says the code over and over."""
    said = spoken(CODE, folder / "said.wav")
    async with running_browser((*FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={said}")) as browser:
        yield browser


async def opened(browser: Browser, address: str, script: str = COUNT_SOUND) -> Tab:
    """Open the page and call."""
    tab = await browser.tab(script)
    await tab.open(address)
    await tab.click("#call")
    return tab


async def in_call(tab: Tab) -> None:
    """Wait until the agent listens."""
    await tab.until("document.getElementById('agent').dataset.state === 'listening'", "the agent listens", 60)


def lines(kind: str) -> str:
    """Give JavaScript for what one side has said, joined."""
    return f"[...document.querySelectorAll('#transcript .{kind} span')].map((one) => one.textContent).join(' | ')"


async def test_a_code_is_said_heard_and_written_down(
    start_agent: StartAgent,
    livekit: LiveKitServer,
    serve_page: ServePage,
    tmp_path: Path,
    unused_tcp_port: int,
) -> None:
    """Both sides are on the page, the answer is heard and played; mute, hang up and call again do what they say."""
    port = unused_tcp_port
    async with (
        start_agent(VOICEGATE_CAPACITY="20", VOICEGATE_FIGURES_PORT=str(port)) as agent,
        serve_page(**livekit_settings(livekit), figures_port=port) as address,
        talking_browser(tmp_path) as browser,
    ):
        tab = await opened(browser, address)
        await in_call(tab)
        assert await tab.evaluate("document.activeElement.id") == "hang-up"
        await tab.until("level.getBoundingClientRect().width > 100", "the level shows the speech")
        await tab.until(f"{lines('mine')}.includes('{IN_WORDS}')", "what was said is written down")
        await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the answer is written down")
        await tab.until("heardEnergy().then((energy) => energy > 0.001)", "the answer is heard")
        assert await tab.evaluate("playing()") == 1
        calls = "document.getElementById('calls').textContent"
        await tab.until(f"{calls} === '1 of 20'", "the call is counted")
        await tab.until(
            r"/^\d+ MB/.test(document.getElementById('memory').textContent)", "the memory is shown"
        )
        assert "One pair for all calls" in await tab.evaluate("document.getElementById('models').textContent")
        await take_pictures(tab, tmp_path, "in-call")

        await tab.click("#mute")
        await tab.until(
            "document.getElementById('mute').getAttribute('aria-pressed') === 'true'", "it is muted"
        )
        await tab.until(
            "document.getElementById('level').style.transform === 'scaleX(0)'", "the level is zero"
        )
        await take_pictures(tab, tmp_path, "muted")
        await tab.click("#hang-up")
        await shown_state(tab, "Call ended")
        assert await tab.evaluate("document.activeElement.textContent") == "Call again"
        assert not await tab.evaluate("document.getElementById('problem').checkVisibility()")
        await tab.until(f"{calls} === '0 of 20'", "the agent has let go of the call", 60)

        await tab.click("#call")
        await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the second call is answered", 60)
        await tab.click("#hang-up")
        assert [text for text in tab.complaints if "Failed to load" not in text] == []
        assert "Traceback" not in agent.log()


async def test_sound_that_the_browser_blocks_can_be_turned_on(
    start_agent: StartAgent, livekit: LiveKitServer, serve_page: ServePage, tmp_path: Path
) -> None:
    """A button appears while the browser refuses to play, and is gone when it plays."""
    blocked = """
let blocked = true;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return blocked ? Promise.reject(new DOMException("no", "NotAllowedError")) : play.call(this);
};
"""
    async with (
        start_agent(),
        serve_page(**livekit_settings(livekit)) as address,
        talking_browser(tmp_path) as browser,
    ):
        tab = await opened(browser, address, COUNT_SOUND + blocked)
        await tab.until("document.getElementById('sound').checkVisibility()", "the button is shown", 60)
        await take_pictures(tab, tmp_path, "blocked")
        await tab.evaluate("blocked = false")
        await tab.click("#sound")
        await tab.until("!document.getElementById('sound').checkVisibility()", "the button is gone")
        await tab.until("playing() === 1", "it plays")
        await tab.click("#hang-up")


async def test_nobody_answers_or_all_are_busy(
    start_agent: StartAgent, livekit: LiveKitServer, serve_page: ServePage, browser: Browser, tmp_path: Path
) -> None:
    """Without an agent the page says so after 10 s, and goes on waiting; an agent that is full says so, and answers again when it is not."""
    async with serve_page(**livekit_settings(livekit)) as address:
        tab = await opened(browser, address)
        await shown_state(tab, "Waiting for the agent")
        await take_pictures(tab, tmp_path, "waiting")
        await shown_state(tab, "No agent has answered yet")
        await take_pictures(tab, tmp_path, "late")
        await tab.click("#hang-up")
        async with start_agent(VOICEGATE_CAPACITY="1"):
            await tab.click("#call")
            await in_call(tab)
            second = await opened(browser, address)
            assert await shown_problem(second) == "busy"
            assert "all its calls are taken" in await second.evaluate(
                "document.getElementById('problem-title').textContent"
            )
            await take_pictures(second, tmp_path, "busy")
            await tab.click("#hang-up")


async def test_refused_token(livekit: LiveKitServer, serve_page: ServePage, browser: Browser) -> None:
    """A page with another secret than the server's."""
    wrong = livekit_settings(livekit) | {"livekit_api_secret": SecretStr("another" * 6)}
    async with serve_page(**wrong) as address:
        assert await shown_problem(await opened(browser, address)) == "refused"


async def test_agent_killed_in_the_call(
    start_agent: StartAgent, livekit: LiveKitServer, serve_page: ServePage, browser: Browser, tmp_path: Path
) -> None:
    """The page says so when LiveKit does, and gives the microphone back."""
    async with start_agent() as agent, serve_page(**livekit_settings(livekit)) as address:
        tab = await opened(browser, address)
        await in_call(tab)
        for process in reversed(agent.processes()):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        assert await shown_problem(tab, 60) == "agent-gone"
        await take_pictures(tab, tmp_path, "agent-gone")


async def test_page_reloaded_and_two_calls_from_one_browser(
    start_agent: StartAgent,
    livekit: LiveKitServer,
    serve_page: ServePage,
    tmp_path: Path,
    unused_tcp_port: int,
) -> None:
    """A reloaded page leaves its call at once and can call again; two tabs are two calls, each with its own words."""
    port = unused_tcp_port
    async with (
        start_agent(VOICEGATE_CAPACITY="20", VOICEGATE_FIGURES_PORT=str(port)),
        serve_page(**livekit_settings(livekit), figures_port=port) as address,
        talking_browser(tmp_path) as browser,
    ):
        calls = "document.getElementById('calls').textContent"
        first = await opened(browser, address)
        await in_call(first)
        await first.send("Page.reload")
        reloaded = "performance.getEntriesByType('navigation')[0]?.type === 'reload'"
        loaded = f"{reloaded} && document.getElementById('call')?.disabled === false"
        await first.until(loaded, "the page is loaded again")
        await first.until(f"{calls} === '0 of 20'", "the agent has let go of the call", 60)
        await shown_state(first, "Ready to call")
        await first.click("#call")
        second = await opened(browser, address)
        for tab in (first, second):
            await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the call is answered", 60)
        await second.until(f"{calls} === '2 of 20'", "both calls are counted")
        for tab in (first, second):
            await tab.click("#hang-up")
            await shown_state(tab, "Call ended")


async def test_network_that_is_away_for_5_s_and_server_that_is_gone_for_good(
    start_agent: StartAgent, livekit: LiveKitServer, serve_page: ServePage, tmp_path: Path
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
        talking_browser(tmp_path) as browser,
    ):
        assert server.process is not None
        leash = psutil.Process(server.process.pid)
        programs = [leash, *leash.children(recursive=True)]
        tab = await opened(browser, address)
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
        await take_pictures(tab, tmp_path, "reconnecting")
        assert await shown_problem(tab, 120) == "server-gone"
        await take_pictures(tab, tmp_path, "server-gone")
