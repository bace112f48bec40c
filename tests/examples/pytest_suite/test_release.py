"""The release gate as tests: our agent is called once, then each criterion is a test of its own."""

from voicegate.testing import MB, Finding, Findings, JudgedRun


def test_criterion(voicegate_finding: Finding) -> None:
    """Each criterion of the gate is met."""
    voicegate_finding.require()


def test_memory_has_room_to_grow(voicegate_findings: Findings) -> None:
    """We want a warning before the limit: memory stays 300 MB below it."""
    total = voicegate_findings["C7"]
    total.require()
    assert total.headline is not None
    assert total.headline.margin > 300 * MB


def test_nobody_waits_long(voicegate_run: JudgedRun) -> None:
    """What the gate has no criterion for is asserted on the recording: every reply begins within 10 s."""
    waits_s = [turn.latency_s for turn in voicegate_run.recording.turns]
    assert waits_s
    assert all(wait_s is not None and wait_s < 10 for wait_s in waits_s)
