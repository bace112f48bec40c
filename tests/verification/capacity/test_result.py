"""What a search came to, in one line and as a verdict."""

import pytest
from voicegate.capacity.bottleneck import Bottleneck, Kind
from voicegate.capacity.result import (
    Capacity,
    IsolationResult,
    LevelResult,
    isolation_result,
    verdict_of,
)

CPU = Bottleneck(kind="agent-cpu", text="CPU: the model host used 1.6 of 2 cores, the whole agent 1.8")


def level(calls: int, held: bool | None, reason: str = "") -> LevelResult:
    """Make a level; one that does not hold has the processors as its bottleneck."""
    return LevelResult(
        calls=calls,
        held=held,
        reasons=(reason,) if reason else (),
        agent_cores={"model-host": 0.2 * calls, "job": 0.05 * calls},
        bottleneck=CPU if held is False else None,
    )


def result(*levels: LevelResult, finished: bool = True, problem: str | None = None) -> IsolationResult:
    """Draw the conclusion from levels."""
    return isolation_result("process", "process", levels, finished=finished, problem=problem)


SLOW = "wait for a reply, p95: 6.40 s, must be ≤ 6.00 s"
SIX = result(level(4, True), level(8, False), level(6, True), level(7, False, SLOW))


def test_the_answer_is_one_line() -> None:
    """The edge, why, what kept it from more, and the figure per core."""
    assert (SIX.capacity, SIX.broken_at) == (6, 7)
    assert (
        SIX.headline()
        == f"process: 6 calls hold, 7 do not ({SLOW}); bottleneck: {CPU.text}; 4.0 calls per agent core"
    )


@pytest.mark.parametrize(
    ("levels", "begin"),
    [
        ((level(1, True), level(2, True)), "process: 2 calls hold, more were not tried"),
        ((level(1, True), level(2, False)), "process: 1 call holds, 2 do not; bottleneck"),
        ((level(1, False, SLOW),), f"process: not even 1 call holds ({SLOW}); bottleneck"),
        ((), "process: nothing was measured"),
        ((level(1, None, "nobody came"),), "process: nothing was measured"),
    ],
)
def test_every_way_to_end_has_a_sentence(levels: tuple[LevelResult, ...], begin: str) -> None:
    """Also where nothing held, or nothing was measured."""
    assert result(*levels).headline().startswith(begin)


def test_what_broke_a_search_off_is_said() -> None:
    """What was measured until then is said before."""
    cut = result(level(1, True), level(4, False), finished=False, problem="interrupted")
    assert cut.headline().startswith("process: 1 call holds, 4 do not; ")
    assert cut.headline().endswith("; broken off: interrupted")


def test_figures_per_core_need_cores() -> None:
    """An agent that is not watched has none; nor has one that holds nothing."""
    unseen = level(2, True).model_copy(update={"agent_cores": {}})
    assert result(unseen).calls_per_agent_core is None
    assert result(level(1, False)).calls_per_agent_core is None


@pytest.mark.parametrize("kind", ["callers", "server-cpu", "other-work"])
def test_too_few_for_what_is_not_the_agents_fault_was_not_measured(kind: Kind) -> None:
    """Who is not to blame does not fail."""
    blameless = Bottleneck(kind=kind, text="somebody else")
    broken = level(1, False).model_copy(update={"bottleneck": blameless})
    assert verdict_of((result(broken),), 1) == "error"


@pytest.mark.parametrize(
    ("results", "at_least", "verdict"),
    [
        ((SIX,), 6, "pass"),
        ((SIX,), 7, "fail"),
        ((SIX, result(level(1, False))), 1, "fail"),
        ((SIX, result()), 1, "error"),
        ((result(level(4, True), level(8, False), finished=False, problem="interrupted"),), 4, "error"),
        ((result(level(1, True), level(4, False), finished=False, problem="interrupted"),), 4, "fail"),
        ((result(level(1, False), finished=False, problem="died"),), 1, "fail"),
        ((), 1, "error"),
    ],
)
def test_the_verdict_asks_for_enough_everywhere(
    results: tuple[IsolationResult, ...], at_least: int, verdict: str
) -> None:
    """Too few is a fail even if the search was cut short; enough in a search that was cut short is no pass."""
    assert verdict_of(results, at_least) == verdict


def test_the_file_has_a_schema_and_comes_back() -> None:
    """Readers check schema and version."""
    capacity = Capacity(
        verdict="pass",
        profile="micro",
        started_at="2026-11-25T03:00:00+00:00",
        at_least=1,
        most_calls=16,
        limit_p50_s=3.0,
        limit_p95_s=6.0,
        results=(SIX,),
    )
    text = capacity.to_json()
    assert '"schema": "voicegate.capacity"' in text
    assert '"version": 1' in text
    assert Capacity.model_validate_json(text) == capacity
