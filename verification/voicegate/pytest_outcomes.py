"""How findings come out in pytest: FAIL fails the test, ERROR is an error of its set-up, NOT_RUN skips it."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from voicegate.judge.unmet import (
    CouldNotMeasureError,
    CriterionFailedError,
    CriterionNotRunError,
)


def in_pytests_terms(call: pytest.CallInfo[Any]) -> None:
    """Turn what `Finding.require` raised into the outcome that pytest has for it, without a traceback.

    Call it from `pytest_runtest_makereport`, before the report is made. What could not be measured is reported as an
    error of set-up wherever it was raised, because a failure would say that the criterion was measured.
    """
    error = None if call.excinfo is None else call.excinfo.value
    match error:
        case CriterionFailedError():
            call.excinfo = _raised(lambda: pytest.fail(str(error), pytrace=False))
        case CouldNotMeasureError():
            call.excinfo = _raised(lambda: pytest.fail(str(error), pytrace=False))
            call.when = "setup" if call.when == "call" else call.when
        case CriterionNotRunError():
            call.excinfo = _raised(lambda: pytest.skip(str(error)))


def _raised(raise_it: Callable[[], NoReturn]) -> pytest.ExceptionInfo[BaseException] | None:
    return pytest.CallInfo[None].from_call(raise_it, "call").excinfo
