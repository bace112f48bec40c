"""The verdict as tests: `voicegate judge FILE` runs them over a recording, one per criterion."""

import pytest

from voicegate.judge.finding import Finding, Status


def test_criterion(finding: Finding) -> None:
    """The criterion is met on this recording."""
    if finding.status is not Status.PASS:
        pytest.fail(finding.long(), pytrace=False)
