"""Playing a scenario: phase by phase, with callers who dial, speak and hang up together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from verification.drive.caller import Caller, CallError, Line
from verification.drive.clip_supply import ClipSupply
from verification.drive.clips.library import Clip
from verification.drive.recorder import Recorder
from verification.drive.scenario import Calls, Quiet, Rest, Step
from verification.record.events import Phase

Progress = Callable[[str], None]

_AFTER_REPORT_S = 2.0  # so that the last report has samples on either side


class Stage:
    """Plays steps one after the other; callers are numbered through."""

    def __init__(self, line: Line, clips: ClipSupply, recorder: Recorder, progress: Progress) -> None:
        self._line = line
        self._clips = clips
        self._recorder = recorder
        self._progress = progress
        self._callers = 0

    async def play(self, steps: tuple[Step, ...]) -> None:
        """Play every step. A call that fails is recorded as such and the scenario goes on."""
        for number, step in enumerate(steps, start=1):
            self._progress(f"{number:2}/{len(steps)}  {_what(step)}")
            match step:
                case Rest():
                    async with self._phase(step.phase, 0):
                        await asyncio.sleep(step.seconds)
                case Quiet():
                    await self._wait_for_reports(step)
                case Calls():
                    await self._call(step)

    async def _call(self, step: Calls) -> None:
        callers = [self._next_caller(step.phase) for _ in range(step.callers)]
        clips = [[self._clips.take(kind) for kind in step.turns] for _ in callers]
        try:
            async with self._phase(step.phase, len(callers)):
                await asyncio.gather(*(_talk(*pair) for pair in zip(callers, clips, strict=True)))
                await asyncio.sleep(step.settle_s)
        finally:
            await asyncio.gather(*(caller.hang_up() for caller in callers))

    async def _wait_for_reports(self, step: Quiet) -> None:
        if not self._recorder.expects_reports:
            return
        async with self._phase(step.phase, 0):
            await self._recorder.wait_for_reports(step.reports, step.longest_s)
            await asyncio.sleep(_AFTER_REPORT_S)

    @asynccontextmanager
    async def _phase(self, name: str, calls: int) -> AsyncIterator[None]:
        self._recorder.emit(Phase(self._line.clock(), name, "begin", calls))
        try:
            yield
        finally:
            self._recorder.emit(Phase(self._line.clock(), name, "end", calls))

    def _next_caller(self, phase: str) -> Caller:
        self._callers += 1
        return Caller(f"call-{self._callers:02}", phase, self._line)


async def _talk(caller: Caller, clips: list[Clip]) -> None:
    try:
        await caller.dial()
        await caller.converse(clips)
    except CallError as error:
        caller.fail(str(error))
    except asyncio.CancelledError:
        caller.fail("the run was broken off during the call")
        raise


def _what(step: Step) -> str:
    match step:
        case Calls(phase=phase, callers=callers):
            return f"{phase}: {callers} {'caller' if callers == 1 else 'callers'}"
        case Rest(phase=phase, seconds=seconds):
            return f"{phase}: {seconds:g} s without calls"
        case Quiet(phase=phase, reports=reports):
            return f"{phase}: until {reports} memory reports were seen"
