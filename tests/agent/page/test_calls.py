"""Calls from the page in a real browser, through a LiveKit server, to an agent; what goes wrong is in test_lost_calls.py."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from agent.page.conftest import ServePage
from agent.page.pages import COUNT_SOUND, in_call, livekit_settings, opened, shown_state, take_pictures
from live import RunningAgent, in_background, running_agent
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.page.browser import Browser, Tab
from voicegate.drive.page.program import find_browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.end_to_end,
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
    pytest.mark.asyncio(loop_scope="module"),
]

IN_WORDS = "five two zero three"
CALLS = "document.getElementById('calls').textContent"
BLOCKED = """
let blocked = true;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return blocked ? Promise.reject(new DOMException("no", "NotAllowedError")) : play.call(this);
};
"""


@pytest.fixture(scope="module")
def figures_port(unused_tcp_port_factory: Callable[[], int]) -> int:
    """Choose where the agent tells its figures."""
    return unused_tcp_port_factory()


@pytest.fixture(scope="module")
def agent(
    livekit: LiveKitServer, tmp_path_factory: pytest.TempPathFactory, figures_port: int
) -> Iterator[RunningAgent]:
    """Have one agent that tells its figures."""
    folder = tmp_path_factory.mktemp("agent")
    told = running_agent(livekit, folder, VOICEGATE_FIGURES_PORT=str(figures_port), VOICEGATE_CAPACITY="20")
    with in_background(told) as running:
        yield running


@pytest.fixture(scope="module")
def address(
    agent: RunningAgent, livekit: LiveKitServer, serve_page: ServePage, figures_port: int
) -> Iterator[str]:
    """Have the page of this agent."""
    with in_background(serve_page(**livekit_settings(livekit), figures_port=figures_port)) as served:
        yield served


def lines(kind: str) -> str:
    """Give JavaScript for what one side has said, joined."""
    return f"[...document.querySelectorAll('#transcript .{kind} span')].map((one) => one.textContent).join(' | ')"


async def hung_up(tab: Tab) -> None:
    """Hang up, and wait until the agent takes part in no call any more."""
    await tab.click("#hang-up")
    await shown_state(tab, "Call ended")
    await tab.until(f"{CALLS} === '0 of 20'", "the agent has let go of the call", 60)


async def test_a_code_is_said_heard_and_written_down(
    agent: RunningAgent, address: str, browser: Browser, tmp_path: Path, axe: str
) -> None:
    """Both sides are on the page, the answer is heard and played; mute, hang up and call again do what they say."""
    tab = await opened(browser, address)
    await in_call(tab)
    assert await tab.evaluate("document.activeElement.id") == "hang-up"
    await tab.until("level.getBoundingClientRect().width > 100", "the level shows the speech")
    await tab.until(f"{lines('mine')}.includes('{IN_WORDS}')", "what was said is written down")
    await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the answer is written down")
    await tab.until("heardEnergy().then((energy) => energy > 0.001)", "the answer is heard")
    await tab.until("playing() === 1", "it plays")
    await tab.until(f"{CALLS} === '1 of 20'", "the call is counted", 60)
    await tab.until(r"/^\d+ MB/.test(document.getElementById('memory').textContent)", "the memory is shown")
    assert "One pair for all calls" in await tab.evaluate("document.getElementById('models').textContent")
    await take_pictures(tab, tmp_path, "in-call", axe)

    await tab.click("#mute")
    await tab.until("document.getElementById('mute').getAttribute('aria-pressed') === 'true'", "it is muted")
    await tab.until("document.getElementById('level').style.transform === 'scaleX(0)'", "the level is zero")
    await take_pictures(tab, tmp_path, "muted", axe)
    await hung_up(tab)
    assert await tab.evaluate("document.activeElement.textContent") == "Call again"
    assert not await tab.evaluate("document.getElementById('problem').checkVisibility()")

    await tab.click("#call")
    await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the second call is answered", 60)
    await hung_up(tab)
    assert [text for text in tab.complaints if "Failed to load" not in text] == []
    assert "Traceback" not in agent.log()


async def test_sound_that_the_browser_blocks_can_be_turned_on(
    address: str, browser: Browser, tmp_path: Path, axe: str
) -> None:
    """A button appears while the browser refuses to play, and is gone when it plays."""
    tab = await opened(browser, address, COUNT_SOUND + BLOCKED)
    await tab.until("document.getElementById('sound').checkVisibility()", "the button is shown", 60)
    await tab.until(
        "document.getElementById('hint').textContent.includes('turn it on')", "it says what to do"
    )
    await take_pictures(tab, tmp_path, "blocked", axe)
    await tab.evaluate("blocked = false")
    await tab.click("#sound")
    await tab.until("!document.getElementById('sound').checkVisibility()", "the button is gone")
    await tab.until("playing() === 1", "it plays")
    await hung_up(tab)


async def test_page_reloaded_and_two_calls_from_one_browser(address: str, browser: Browser) -> None:
    """A reloaded page leaves its call at once and can call again; two tabs are two calls, each with its own words."""
    first = await opened(browser, address)
    await in_call(first)
    await first.send("Page.reload")
    reloaded = "performance.getEntriesByType('navigation')[0]?.type === 'reload'"
    loaded = f"{reloaded} && document.getElementById('call')?.disabled === false"
    await first.until(loaded, "the page is loaded again")
    await first.until(f"{CALLS} === '0 of 20'", "the agent has let go of the call", 60)
    await shown_state(first, "Ready to call")
    await first.click("#call")
    second = await opened(browser, address)
    for tab in (first, second):
        await tab.until(f"{lines('theirs')}.includes('{IN_WORDS}')", "the call is answered", 60)
    await second.until(f"{CALLS} === '2 of 20'", "both calls are counted")
    for tab in (first, second):
        await tab.click("#hang-up")
        await shown_state(tab, "Call ended")
