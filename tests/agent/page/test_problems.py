"""What the page says when a call cannot be made, in a real browser; no LiveKit server and no agent is needed for that."""

from pathlib import Path

import pytest
from agent.page.conftest import ServePage
from agent.page.pages import shown_problem, shown_state, take_pictures
from voicegate.drive.page.browser import Browser, running_browser

pytestmark = [pytest.mark.slow, pytest.mark.from_elsewhere, pytest.mark.asyncio(loop_scope="module")]


def failing_microphone(name: str) -> str:
    """Write a script that refuses the microphone as browsers do."""
    return f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{name}'); }};"


async def test_idle_page_is_whole_and_quiet(
    browser: Browser, serve_page: ServePage, tmp_path: Path, axe: str
) -> None:
    """Nothing is forbidden by the policy, nothing fails to load, and each button and region has a name."""
    async with serve_page() as address:
        tab = await browser.tab()
        await tab.open(address)
        await tab.until(
            "document.getElementById('no-figures').textContent.includes('VOICEGATE_FIGURES_PORT')", "why"
        )
        await take_pictures(tab, tmp_path, "idle", axe)
        assert tab.complaints == []
        tree = await tab.send("Accessibility.getFullAXTree")
        roles = {
            (node["role"]["value"], node["name"]["value"])
            for node in tree["nodes"]
            if not node["ignored"] and "name" in node
        }
        assert {
            ("button", "Call"),
            ("region", "Call"),
            ("region", "What was said"),
            ("region", "The agent now"),
        } <= roles
        assert {"status", "heading", "main"} <= {role for role, _ in roles}


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (failing_microphone("NotAllowedError"), "denied"),
        (failing_microphone("NotFoundError"), "no-microphone"),
        (failing_microphone("NotReadableError"), "microphone-busy"),
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });", "insecure"),
    ],
)
async def test_microphone_that_cannot_be_had(
    browser: Browser, serve_page: ServePage, tmp_path: Path, axe: str, script: str, kind: str
) -> None:
    """The page says why and what to do, asks for no token, and the focus is where the next try is made."""
    async with serve_page() as address:
        tab = await browser.tab(script)
        await tab.open(address)
        await tab.click("#call")
        assert await shown_problem(tab) == kind
        await shown_state(tab, "No call")
        assert await tab.evaluate("document.activeElement.textContent") == "Call again"
        assert not [text for text in tab.complaints if "token" in text]
        await take_pictures(tab, tmp_path, kind, axe)


async def test_permission_that_the_browser_itself_denies(serve_page: ServePage) -> None:
    """Without a script of ours in between."""
    async with running_browser(("--use-fake-device-for-media-stream",)) as browser, serve_page() as address:
        permission = {
            "permission": {"name": "microphone"},
            "setting": "denied",
            "origin": address.rstrip("/"),
        }
        await browser.send("Browser.setPermission", permission)
        tab = await browser.tab()
        await tab.open(address)
        await tab.click("#call")
        assert await shown_problem(tab) == "denied"


async def test_browser_without_any_microphone(serve_page: ServePage) -> None:
    """A machine that has none; the permission was given."""
    async with running_browser(("--use-fake-ui-for-media-stream",)) as browser, serve_page() as address:
        tab = await browser.tab()
        await tab.open(address)
        await tab.click("#call")
        assert await shown_problem(tab) == "no-microphone"


async def test_livekit_server_that_does_not_answer(
    browser: Browser, serve_page: ServePage, tmp_path: Path, axe: str
) -> None:
    """The microphone is given back, so that no light stays on."""
    async with serve_page(livekit_url="ws://127.0.0.1:19999") as address:
        tab = await browser.tab(KEEP_TRACKS)
        await tab.open(address)
        await tab.click("#call")
        assert await shown_problem(tab) == "server-away"
        assert await tab.evaluate("kept.map((track) => track.readyState)") == ["ended"]
        await take_pictures(tab, tmp_path, "server-away", axe)


KEEP_TRACKS = """
const kept = [], get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await get(wish);
  kept.push(...stream.getTracks());
  return stream;
};
"""


async def test_page_server_that_is_gone(browser: Browser, serve_page: ServePage) -> None:
    """The page is still open, and its server was stopped."""
    async with serve_page() as address:
        tab = await browser.tab()
        await tab.open(address)
    await tab.click("#call")
    assert await shown_problem(tab) == "page-gone"


async def test_too_many_calls(browser: Browser, serve_page: ServePage, tmp_path: Path, axe: str) -> None:
    """The page says how long to wait."""
    async with serve_page() as address:
        tab = await browser.tab()
        await tab.open(address)
        # In one go, because another call may be begun 6 s later.
        ten_calls = "Promise.all(Array.from({length: 10}, () => fetch('token', {method: 'POST'})))"
        await tab.evaluate(f"{ten_calls}.then(() => document.getElementById('call').click())")
        assert await shown_problem(tab) == "often"
        assert await tab.evaluate(r"/Wait \d s/.test(document.getElementById('problem-advice').textContent)")
        await take_pictures(tab, tmp_path, "often", axe)


async def test_a_key_is_asked_for_and_taken(
    browser: Browser, serve_page: ServePage, tmp_path: Path, axe: str
) -> None:
    """Whoever opens the page without it can type it; then the call goes on to the LiveKit server."""
    async with serve_page(page_secret="a-key-of-letters") as address:
        tab = await browser.tab()
        await tab.open(address.split("#", maxsplit=1)[0])
        await tab.click("#call")
        assert await shown_problem(tab) == "key"
        await take_pictures(tab, tmp_path, "key", axe)
        assert await tab.evaluate("document.activeElement.id") == "key"
        await tab.send("Input.insertText", text="a-key-of-letters")
        await tab.click("#key-form button")
        await tab.until(
            "document.getElementById('problem').dataset.kind === 'server-away'", "the key was taken"
        )
