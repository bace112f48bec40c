"""Recordings of load runs that never took place: callers who come and go, with whatever is asked for wrong in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import starmap

from fakes.recordings import MB
from voicegate.record.events import (
    LOAD,
    CallerProcessSample,
    CallEvent,
    End,
    Header,
    MemorySample,
    Phase,
    ProcessMemory,
    Recording,
    Turn,
)

CALL_S, PAUSE_S, TURN_S = 30.0, 3.0, 8.0


@dataclass(frozen=True, slots=True)
class LoadRun:
    """`users` callers call one after the other for `run_s`, each one `stagger_s` later than the one before.

    Memory in bytes, times in seconds; `wait_s` gives the wait for the reply of turn number n, counted over all calls.
    """

    users: int = 3
    run_s: float = 200.0
    stagger_s: float = 10.0
    base_bytes: int = 500 * MB
    per_call_bytes: int = 40 * MB
    join_s: Callable[[int], float] = lambda _: 0.9
    wait_s: Callable[[int], float | None] = lambda _: 0.7
    lag_s: float = 0.01
    cores: float = 0.1

    def recording(self) -> Recording:
        """Make the recording."""
        calls = [call for user in range(self.users) for call in self._calls(user)]
        events = tuple(sorted((event for events, _ in calls for event in events), key=lambda event: event.t))
        turns = sorted((turn for _, turns in calls for turn in turns), key=lambda turn: turn.t)
        waits = [self.wait_s(number) for number in range(len(turns))]
        return Recording(
            header=Header("2026-11-25T03:00:00Z", "micro", "process", (), None, {"scenario": LOAD}),
            phases=(
                Phase(5.0, f"{self.users}-callers", "begin", self.users),
                Phase(5 + self.run_s, f"{self.users}-callers", "end", self.users),
            ),
            memory=tuple(self._sample(0.5 * tick, events) for tick in range(round(2 * self.run_s) + 20)),
            calls=events,
            callers=tuple(
                CallerProcessSample(2.0 * tick, "callers-7", self.users, self.cores, self.lag_s)
                for tick in range(round(self.run_s / 2))
            ),
            turns=tuple(starmap(_answered, zip(turns, waits, strict=True))),
            end=End(15 + self.run_s, "complete"),
        )

    def _calls(self, user: int) -> list[tuple[list[CallEvent], list[Turn]]]:
        made = []
        t, number = 5 + user * self.stagger_s, 0
        while t + CALL_S < 5 + self.run_s:
            made.append(_call(f"call-{user}-{number:02}", t, self.join_s(user)))
            t, number = t + CALL_S + PAUSE_S, number + 1
        return made

    def _sample(self, t: float, events: tuple[CallEvent, ...]) -> MemorySample:
        changes = {"agent_joined": 1, "hung_up": -1}
        up = sum(changes.get(event.step, 0) for event in events if event.t <= t)
        pss = self.base_bytes + up * self.per_call_bytes
        return MemorySample(t, 0.05, (ProcessMemory(10, 1, "main", "python", pss, pss, pss, 16, 40, 12),))


def _call(name: str, t: float, join_s: float) -> tuple[list[CallEvent], list[Turn]]:
    steps = (("dialed", t), ("joined", t + 0.1), ("agent_joined", t + 0.5), ("agent_audio", t + join_s))
    events = [CallEvent(at, name, step, f"room-{name}", "load") for step, at in steps]  # type: ignore[arg-type]
    events.append(CallEvent(t + CALL_S, name, "hung_up", f"room-{name}", "load"))
    return events, [_turn(name, index, t + 4 + index * TURN_S) for index in range(3)]


def _turn(call: str, index: int, t: float) -> Turn:
    return Turn(
        t=t,
        call=call,
        index=index,
        clip="code-1234",
        said_text="my code is one two three four",
        said_code="1234",
        expected_reply="your code is one two three four",
        speech_start_t=t,
        speech_end_t=t + 2,
        reply_start_t=None,
        reply_end_t=None,
        latency_s=None,
        transcript="my code is one two three four",
        reply_text="your code is one two three four",
        heard_text=None,
        reply_audio_s=0.0,
    )


def _answered(turn: Turn, wait_s: float | None) -> Turn:
    if wait_s is None:
        return turn
    start_t = turn.speech_end_t + wait_s
    return replace(turn, latency_s=wait_s, reply_start_t=start_t, reply_end_t=start_t + 2, reply_audio_s=2.0)
