"""Playing a scenario: phase by phase, with callers who dial, speak and hang up together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from voicegate.drive.caller import Caller, CallerConfig, leave, talk
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.lag import noting_lag
from voicegate.drive.recorder import Recorder
from voicegate.drive.rooms import RoomNames
from voicegate.drive.scenario import LONGER_S, Calls, Quiet, Rest, Step
from voicegate.drive.script import vanishes
from voicegate.drive.vanishing import CallOrder, talk_and_vanish
from voicegate.record.events import GATE_CALLERS, Phase, Rooms

_ROOMS_GONE_S = 30.0  # LiveKit keeps an empty room for 20 s
_VANISHED_GONE_S = 75.0  # and takes a caller who vanished for one who may come back
_LOOK_EVERY_S = 0.5


async def _nothing() -> None:
    """Do nothing between calls."""


class ScenarioPlayer:
    """Plays steps one after the other; callers are numbered through, over all agents of a run.

    `between_calls` starts with each rest, which lasts until it is done. A rest is over when no process of the agent has come or
    gone for `steady_s`, which is as long as a level of memory is measured.
    """

    def __init__(
        self,
        config: CallerConfig,
        clips: ClipSupply,
        recorder: Recorder,
        rooms: RoomNames,
        between_calls: Callable[[], Awaitable[None]] = _nothing,
        steady_s: float = 3.0,
    ) -> None:
        self._config = config
        self._clips = clips
        self._recorder = recorder
        self._rooms = rooms
        self._between_calls = between_calls
        self._steady_s = steady_s
        self._callers = 0
        self._rooms_gone_s = _ROOMS_GONE_S

    async def play(self, steps: Iterable[Step]) -> None:
        """Play every step. A call that fails is recorded as such and the scenario goes on."""
        await self._note_rooms()
        recorder = self._recorder
        async with noting_lag(GATE_CALLERS, recorder.calls, recorder.clock, recorder.emit):
            for step in steps:
                await self._play(step)

    async def _play(self, step: Step) -> None:
        match step:
            case Rest():
                async with self._phase(step.phase, 0):
                    await asyncio.gather(asyncio.sleep(step.seconds), self._between_calls())
                    if step.until_rooms_gone and await self._waited_for_rooms():
                        await asyncio.sleep(step.seconds)
                    await self._until_steady(step.longer_s)
                    await self._note_rooms()
            case Quiet():
                await self._wait_for_reports(step)
            case Calls():
                await self._call(step)

    async def _call(self, step: Calls) -> None:
        config = self._config_for(step)
        names = [self._next_name() for _ in range(step.callers)]
        clips = self._clips.take_for(step)
        callers: list[Caller] = []
        try:
            async with self._phase(step.phase, len(names)):
                if vanishes(step.script):
                    self._rooms_gone_s = _VANISHED_GONE_S
                    calls = (
                        talk_and_vanish(CallOrder(name, step.phase, config, tuple(said), step.script))
                        for name, said in zip(names, clips, strict=True)
                    )
                else:
                    callers = [Caller(name, step.phase, config) for name in names]
                    calls = (talk(*pair, script=step.script) for pair in zip(callers, clips, strict=True))
                await asyncio.gather(*calls)
                await asyncio.sleep(step.settle_s)
        finally:
            await asyncio.gather(*map(leave, callers))
            for said in clips:
                self._clips.end_call(said)

    async def _wait_for_reports(self, step: Quiet) -> None:
        if not (self._recorder.expects_reports or step.until_rooms_gone):
            return
        async with self._phase(step.phase, 0):
            await asyncio.sleep(step.rest_s)
            earlier = self._recorder.reports if step.rest_s else 0
            if self._recorder.expects_reports:
                await self._recorder.wait_for_reports(earlier + step.reports, step.longest_s)
            if step.until_rooms_gone:
                await self._waited_for_rooms()
            await asyncio.sleep(step.after_s)
            if step.until_rooms_gone:
                await self._until_steady(LONGER_S)
            await self._note_rooms()

    async def _waited_for_rooms(self) -> bool:
        """Wait until no room of the run's is open any more, as long as one can be; whether there was anything to wait for."""
        begin_t = self._config.clock()
        waited = False
        while await self._rooms() and self._config.clock() - begin_t < self._rooms_gone_s:
            waited = True
            await asyncio.sleep(_LOOK_EVERY_S)
        return waited

    async def _until_steady(self, longer_s: float) -> None:
        """Wait until the agent's processes have been the same for long enough to measure their memory, but no longer than this."""
        clock, recorder = self._config.clock, self._recorder
        until_t = clock() + longer_s
        while clock() < (steady_t := min(until_t, recorder.steady_since_t + self._steady_s)):  # noqa: ASYNC110 - which moves
            await asyncio.sleep(steady_t - clock())

    async def _note_rooms(self) -> None:
        names = await self._rooms()
        if names is not None:
            self._recorder.emit(Rooms(self._config.clock(), names))

    @asynccontextmanager
    async def _phase(self, name: str, calls: int) -> AsyncIterator[None]:
        self._recorder.emit(Phase(self._config.clock(), name, "begin", calls))
        try:
            yield
        finally:
            self._recorder.emit(Phase(self._config.clock(), name, "end", calls))

    def _next_name(self) -> str:
        self._callers += 1
        return f"call-{self._callers:02}"

    def _config_for(self, step: Calls) -> CallerConfig:
        return replace(
            self._config,
            join_timeout_s=max(step.join_timeout_s or 0, self._config.join_timeout_s),
            reply_timeout_s=max(step.reply_timeout_s or 0, self._config.reply_timeout_s),
        )
