"""The three tests of a web page: one tab, the same tab again, three tabs at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import Clip
from voicegate.drive.errors import DriveError
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.page.browser import Browser, BrowserGoneError, Tab, running_browser
from voicegate.drive.page.program import HOW_TO_GET_ONE, PROGRAMS, find_browser
from voicegate.drive.page.serving import PAGE_LOG, served_page
from voicegate.drive.page.visits import Visit, call, opened
from voicegate.drive.recorded_run import Run
from voicegate.drive.scenario import PAGE
from voicegate.measure.phases import AFTER_PAGE, BEFORE_TABS
from voicegate.record.events import Page, PageCall, PageTest

TABS = PAGE.callers - 2

NO_PAGE = "the gate file has no [page]"
NO_BROWSER = f"no browser: none of {', '.join(PROGRAMS)} is on PATH ({HOW_TO_GET_ONE})"


async def call_from_page(
    run: Run, server: LiveKitServer, clips: ClipSupply, rest: Callable[[str], Awaitable[None]]
) -> None:
    """Make the calls, and record each; what keeps them from being made is recorded too, and ends nothing else.

    `rest` plays a phase of this name, in which nobody calls.
    """
    page, recorder = run.settings.page, run.recorder
    skipped = NO_PAGE if page is None else NO_BROWSER if find_browser() is None else None
    if page is None or skipped:
        recorder.emit(Page(recorder.clock(), "" if page is None else page.url, skipped=skipped))
        return
    run.progress("The page: one tab, the same tab again, three tabs at once")
    scenario = run.settings.scenario
    try:
        async with (
            served_page(page, run.settings, server.environment(), run.folder / PAGE_LOG) as url,
            running_browser() as browser,
        ):
            recorder.emit(Page(recorder.clock(), url, await browser.version()))
            visit = Visit(
                page,
                url,
                recorder.clock,
                run.folder,
                run.settings.language,
                run.settings.agent.expected_reply,
                scenario.join_timeout_s,
                scenario.reply_timeout_s,
            )
            await _three_tests(run, browser, visit, clips, rest)
            await browser.version()  # a call that failed because the browser did is not the page's fault
    except BrowserGoneError as error:
        recorder.emit(Page(recorder.clock(), page.url, problem=str(error)))
    except DriveError as error:
        recorder.emit(_not_made(recorder.clock(), str(error)))
    except Exception as error:  # noqa: BLE001 - what was recorded before is worth a report
        recorder.emit(Page(recorder.clock(), page.url, problem=f"the gate itself broke: {error!r}"))
    finally:
        recorder.secrets.hide_in_files(run.folder, PAGE_LOG)
    await rest(AFTER_PAGE)


async def _three_tests(
    run: Run, browser: Browser, visit: Visit, clips: ClipSupply, rest: Callable[[str], Awaitable[None]]
) -> None:
    emit = run.recorder.emit
    codes = [clip for said in clips.take_for(PAGE) for clip in said]
    tab = await opened(browser, visit)
    emit(await call(tab, visit, "one tab", 1, codes[0]))
    emit(await call(tab, visit, "again", 1, codes[1]))
    await rest(BEFORE_TABS)
    tabs = [tab, *[await opened(browser, visit) for _ in range(TABS - 1)]]
    patient = replace(visit, reply_s=TABS * visit.reply_s)

    async def make(one: Tab, number: int, clip: Clip) -> None:
        emit(await call(one, patient, "three tabs", number, clip))

    async with asyncio.TaskGroup() as group:
        for number, (one, clip) in enumerate(zip(tabs, codes[2:], strict=True), start=1):
            group.create_task(make(one, number, clip))
    for clip in codes:
        clips.end_call([clip])


def _not_made(t: float, problem: str) -> PageCall:
    """Record that a call could not even be begun."""
    test: PageTest = "one tab"
    return PageCall(
        t, t, test, 1, "", None, None, None, 0.0, None, None, 0, 0, 0.0, 0.0, left=False, problem=problem
    )
