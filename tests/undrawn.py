"""Reports without their drawings, for tests of what happens around them: matplotlib takes two thirds of a report's time."""

import pytest
from markupsafe import Markup

DRAWING = Markup("<svg></svg>")
DRAWN_IN = ("charts", "strip", "timeline")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every drawing empty. They are shown by the tests in verification/report/, and by every real run."""
    for module in DRAWN_IN:
        monkeypatch.setattr(f"voicegate.report.{module}.draw", lambda *_: DRAWING)
