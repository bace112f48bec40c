"""Chromium without a window, driven by its DevTools protocol over a WebSocket; docs/decisions.md says why not by a library."""

import asyncio
import base64
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.drive.page.program import PROGRAMS, find_browser

_START_S = 30.0
_ANSWER_S = 15.0
_BECOMES_TRUE_S = 30.0
_POLL_S = 0.05
_GRACE_S = 5.0
# What Chromium answers a command whose page goes away meanwhile, each with the code of any server error.
_PAGE_LEFT = (
    "Inspected target navigated or closed",
    "Execution context was destroyed",
    "Cannot find context with specified id",
    "Cannot find default execution context",
    "Promise was collected",
)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--mute-audio",
    "--remote-debugging-port=0",
)
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class BrowserError(DriveError):
    """The browser did not do what it was asked, or something did not become true in a page."""


class BrowserGoneError(BrowserError):
    """The browser did not start, or it or one of its tabs does not answer."""


class PageLeftError(BrowserError):
    """The page that was asked went away before it answered: the tab is loading another one, or the same again."""


class Tab:
    """One page; `complaints` are its errors: exceptions, failed loads, what its security policy forbade."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser = browser
        self._session = session
        self._hangs = False
        self.complaints: list[str] = []

    async def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command of the DevTools protocol and return its result. Raises BrowserError, at once where the tab hangs."""
        if self._hangs:
            raise BrowserGoneError(f"{method}: the tab hangs")
        try:
            return await self._browser.send(method, params, self._session)
        except BrowserGoneError:
            self._hangs = True
            raise

    async def open(self, url: str, timeout_s: float = _BECOMES_TRUE_S) -> None:
        """Load a page, and wait until it is there."""
        await self.send("Page.navigate", url=url)
        loaded = "document.readyState === 'complete' && location.href !== 'about:blank'"
        await self.until(loaded, "the page is loaded", timeout_s)

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever JavaScript gives
        """Evaluate JavaScript as if a person had just clicked; promises are awaited."""
        answer = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, condition: str, what: str, timeout_s: float = _BECOMES_TRUE_S) -> Any:  # noqa: ANN401
        """Wait until an expression is true, and return its value; the page may be loaded again meanwhile."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := await self._in_page_now(condition)):  # noqa: ASYNC110 - it is the browser's
                    await asyncio.sleep(_POLL_S)
                return value
        except TimeoutError:
            shown = await self._in_page_now("document.body.innerText")
            raise BrowserError(f"{_not_seen(what, timeout_s)}. The page shows:\n{shown}") from None

    async def until_text(
        self, expression: str, fits: Callable[[str], bool], what: str, timeout_s: float
    ) -> str:
        """Wait until the text that an expression gives is one that fits, and return it; an empty one never does."""
        try:
            async with asyncio.timeout(timeout_s):
                while not ((text := str(await self._in_page_now(expression) or "")) and fits(text)):  # noqa: ASYNC110 - likewise
                    await asyncio.sleep(_POLL_S)
                return text
        except TimeoutError:
            raise BrowserError(_not_seen(what, timeout_s)) from None

    async def _in_page_now(self, expression: str) -> Any:  # noqa: ANN401 - likewise
        """Evaluate, or give None where the page goes away before it answers."""
        try:
            return await self.evaluate(expression)
        except PageLeftError:
            return None

    async def click(self, selector: str) -> None:
        """Click what the selector finds, in its middle, with the mouse; what is below the fold is scrolled to."""
        box = await self.evaluate(
            f"{{ const one = document.querySelector({selector!r});"
            " one.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });"
            " JSON.stringify(one.getBoundingClientRect()); }"
        )
        where = json.loads(box)
        at = {"x": where["x"] + where["width"] / 2, "y": where["y"] + where["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    async def look(self, width: int, height: int, scheme: str) -> None:
        """Set the size of the page in CSS pixels, and the color scheme."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        await self.send("Emulation.setDeviceMetricsOverride", **size)
        await self.send(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    async def screenshot(self, path: Path) -> None:
        """Take a picture of the whole page; the file's suffix says whether it is a PNG, or a small WebP."""
        how = {"format": "webp", "quality": 70} if path.suffix == ".webp" else {"format": "png"}
        answer = await self.send("Page.captureScreenshot", captureBeyondViewport=True, **how)
        path.write_bytes(base64.b64decode(answer["data"]))  # noqa: ASYNC240 - some kB


class Browser:
    """A running browser behind one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}

    async def tab(self, script: str = "") -> Tab:
        """Open an empty tab; the script runs in each page before its own."""
        target = await self.send("Target.createTarget", {"url": "about:blank", "newWindow": True})
        attached = await self.send("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        session = attached["sessionId"]
        tab = self._tabs[session] = Tab(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await tab.send(f"{domain}.enable")
        if script:
            await tab.send("Page.addScriptToEvaluateOnNewDocument", source=script)
        return tab

    async def version(self) -> str:
        """Give its name and version, such as Chrome/156.0.8078.108."""
        return str((await self.send("Browser.getVersion", {}))["product"])

    async def send(
        self, method: str, params: Mapping[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        """Send a command, to a tab if one is named, and return its result."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        try:
            # Not wait_for: Python 3.11's takes a cancellation for done that comes with the answer, and a timeout around us would never end.
            async with asyncio.timeout(_ANSWER_S):
                await self._socket.send_json(message | ({"sessionId": session} if session else {}))
                reply = await answer
        except TimeoutError:
            raise BrowserGoneError(f"{method}: the browser did not answer within {_ANSWER_S:.0f} s") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise BrowserGoneError(f"{method}: the browser is gone: {error}") from error
        finally:
            del self._waiting[number]
        if "error" in reply:
            message = reply["error"]["message"]
            kind = PageLeftError if message.startswith(_PAGE_LEFT) else BrowserError
            raise kind(f"{method}: {message}")
        result: dict[str, Any] = reply["result"]
        return result

    async def listen(self) -> None:
        """Take answers and complaints until the browser has gone."""
        async for message in self._socket:
            said = json.loads(message.data)
            if (waiting := self._waiting.get(said.get("id"))) and not waiting.done():
                waiting.set_result(said)
            elif tab := self._tabs.get(said.get("sessionId")):
                tab.complaints += _complaints(said.get("method"), said.get("params", {}))


def _not_seen(what: str, timeout_s: float) -> str:
    return f"not seen within {timeout_s:.0f} s: {what}"


def _complaints(method: str | None, params: Mapping[str, Any]) -> list[str]:
    if method == "Runtime.exceptionThrown":
        details = params["exceptionDetails"]
        return [details.get("exception", {}).get("description", details["text"])]
    if method == "Log.entryAdded" and params["entry"]["level"] == "error":
        return [f"{params['entry']['text']} {params['entry'].get('url', '')}".strip()]
    return []


@asynccontextmanager
async def running_browser(flags: Sequence[str] = FAKE_MICROPHONE) -> AsyncIterator[Browser]:
    """Run a browser with an empty profile inside the block. Raises BrowserError when there is none, or it does not start."""
    program = find_browser()
    if program is None:
        raise BrowserGoneError(f"none of {', '.join(PROGRAMS)} is on PATH")
    with tempfile.TemporaryDirectory(prefix="voicegate-browser-", ignore_cleanup_errors=True) as folder:
        command = [program, *FLAGS, *flags, f"--user-data-dir={folder}", "about:blank"]
        process = await processes.start(
            command, stdout=processes.DEVNULL, stderr=processes.DEVNULL, grace_s=_GRACE_S
        )
        async with processes.running(process):
            url = await _address(Path(folder) / "DevToolsActivePort", process)
            async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    listening.cancel()


async def _address(file: Path, process: processes.LeashedProcess) -> str:
    try:
        async with asyncio.timeout(_START_S):
            while len(lines := _lines(file)) < 2:
                if process.exit_code is not None:
                    raise BrowserGoneError(f"the browser ended with exit code {process.exit_code}")
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise BrowserGoneError(f"the browser did not start within {_START_S:.0f} s") from None
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}"


def _lines(file: Path) -> list[str]:
    """Read a file that may not be there yet."""
    return file.read_text(encoding="utf-8").split() if file.exists() else []
