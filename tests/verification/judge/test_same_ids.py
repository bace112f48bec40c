"""C3."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from fakes.recordings import ASR_ID, TTS_ID, Run, models_per_call, shared_models
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.judge.same_ids import judge
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine


def test_one_instance_of_each_passes() -> None:
    """One id each, initialized once and reused ever after, passes."""
    finding = judge(Run().recording(), Rules())
    assert finding.status is Status.PASS
    assert any(str(ASR_ID) in line for line in finding.evidence)


@pytest.mark.parametrize("instance", [ASR_ID, TTS_ID])
def test_second_id_fails(instance: int) -> None:
    """One call that names another id fails."""

    def lines(t: float, room: str, first: bool) -> Iterable[LogLine]:
        for line in shared_models(t, room, first):
            other = room == "room-09"
            yield replace(line, message=line.message.replace(str(instance), "1")) if other else line

    assert judge(Run(lines=lines).recording(), Rules()).status is Status.FAIL


def test_equal_ids_of_separate_loads_fail() -> None:
    """The same id printed by every process that loads is as many loads."""
    finding = judge(Run(lines=models_per_call).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "loads of one ASR id: 20, must be 1" in finding.reason


def test_restarted_host_fails() -> None:
    """A host that died and loaded again under a new id in the middle of the run fails."""

    def lines(t: float, room: str, first: bool) -> Iterable[LogLine]:
        made = shared_models(t, room, first or room == "room-12")
        late = int(room[-2:]) >= 12
        return [
            replace(one, message=one.message.replace(str(ASR_ID), "7") if late else one.message)
            for one in made
        ]

    assert judge(Run(lines=lines).recording(), Rules()).status is Status.FAIL


def test_load_that_nobody_saw_is_an_error() -> None:
    """Reuse alone does not tell how many loads stand behind an id."""
    recording = Run().recording()
    kept = tuple(line for line in recording.log if "initialized (ID" not in line.message)
    finding = judge(replace(recording, log=kept), Rules())
    assert finding.status is Status.ERROR
    assert "from its start" in finding.advice


def test_log_that_names_no_models_is_an_error() -> None:
    """A log with other lines only shows nothing."""
    recording = Run().recording()
    assert judge(replace(recording, log=recording.log[:1]), Rules()).status is Status.ERROR


def test_agent_without_such_lines_is_not_run() -> None:
    """An agent that does not log its models, or not which instance it is, by configuration, is not judged on that."""
    for log in (LogContract(asr_initialized=""), LogContract(tts_initialized="TTS engine initialized")):
        finding = judge(Run().recording(), Rules(log=log))
        assert finding.status is Status.NOT_RUN
        assert "(?P<id>…)" in finding.reason
