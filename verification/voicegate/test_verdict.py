"""The verdict as tests: `voicegate judge FILE` runs them over a recording, one per criterion."""

from voicegate.judge.finding import Finding


def test_criterion(finding: Finding) -> None:
    """The criterion is met on this recording."""
    finding.require()
