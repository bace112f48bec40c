"""The page that is tested: served by a command of the gate file, or there already."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.drive.livekit_server.server import free_port
from voicegate.settings import GateSettings, PageSection

PAGE_LOG = "page.log"
"""Where a page's command writes, in the run's folder."""

_ASK_EVERY_S = 0.1
_LAST_LINES = 6


class PageError(DriveError):
    """The page does not answer; the message says what was tried."""


@asynccontextmanager
async def served_page(
    page: PageSection, settings: GateSettings, livekit: Mapping[str, str], log: Path
) -> AsyncIterator[str]:
    """Have the page inside the block, and give its address. Raises PageError when it does not answer in time."""
    port = str(free_port())
    url = page.url.replace("{port}", port)
    if not page.command:
        await _until_it_answers(url, page.ready_timeout_s, None, log)
        yield url
        return
    command = [settings.agent.expand(word).replace("{port}", port) for word in page.command]
    own = {name: settings.agent.expand(text).replace("{port}", port) for name, text in page.env.items()}
    with log.open("wb") as output:
        process = await processes.start(
            command,
            env=settings.agent_environment() | dict(livekit) | own,
            cwd=settings.agent.working_directory,
            stdout=output.fileno(),
            stderr=output.fileno(),
        )
    async with processes.running(process):
        await _until_it_answers(url, page.ready_timeout_s, process, log)
        yield url


async def _until_it_answers(
    url: str, timeout_s: float, process: processes.LeashedProcess | None, log: Path
) -> None:
    seen: str | None = "no answer came"
    try:
        async with asyncio.timeout(timeout_s), aiohttp.ClientSession() as session:
            while seen := await _what_is_wrong(session, url):
                if process is not None and process.exit_code is not None:
                    told = f"the page's command ended with exit code {process.exit_code}"
                    raise PageError(f"{told}:\n{_last_lines(log)}")
                await asyncio.sleep(_ASK_EVERY_S)
    except TimeoutError:
        told = f"the page at {url} did not answer within page.ready_timeout_s = {timeout_s:g} s: {seen}"
        raise PageError(f"{told}\n{_last_lines(log)}".rstrip()) from None


def _last_lines(log: Path) -> str:
    """Give what the page's command wrote last, if the gate runs one."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])


async def _what_is_wrong(session: aiohttp.ClientSession, url: str) -> str | None:
    """Ask for the page, and say what is wrong with the answer, if anything is."""
    try:
        async with session.get(url) as reply:
            return f"HTTP status {reply.status}" if reply.status >= 500 else None
    except aiohttp.ClientError as error:
        return str(error)
