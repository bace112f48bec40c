"""A tab while its page goes away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from voicegate.drive.page.browser import PageLeftError, Tab, running_browser
from voicegate.drive.page.program import find_browser

pytestmark = [
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
]
NEVER = "new Promise(() => {})"
RELOADED = "performance.getEntriesByType('navigation')[0]?.type === 'reload'"


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    """Open a page with a word on it."""
    async with running_browser() as browser:
        tab = await browser.tab()
        await tab.open("data:text/html,<p>Here</p>")
        yield tab


async def test_question_that_the_page_takes_with_it(tab: Tab) -> None:
    """Whoever asks once is told that the page went away."""
    asked = asyncio.create_task(tab.evaluate(NEVER))
    await asyncio.sleep(0)
    await tab.send("Page.reload")
    with pytest.raises(PageLeftError):
        await asked


async def test_page_loaded_again_while_something_is_waited_for(tab: Tab) -> None:
    """Waiting goes on in the page that comes: the first one never answers."""
    waiting = asyncio.create_task(tab.until(f"{RELOADED} || {NEVER}", "the page is loaded again"))
    text = asyncio.create_task(
        tab.until_text(f"{RELOADED} ? 'Here' : {NEVER}", "Here".__eq__, "the word is there", 30)
    )
    await asyncio.sleep(0)
    await tab.send("Page.reload")
    assert await waiting is True
    assert await text == "Here"
