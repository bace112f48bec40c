"""LiveKit tries again what may work the next time, and nothing else."""

import pytest
from voicegate_agent.model_host.protocol import (
    HostOverloadedError,
    InvalidRequestError,
    ModelHostError,
    ModelHostTimeoutError,
    ModelHostUnavailableError,
)
from voicegate_agent.speech.api_errors import to_api_error


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (ModelHostUnavailableError("gone"), False),
        (HostOverloadedError("later"), True),
        (ModelHostTimeoutError("late"), False),
        (InvalidRequestError("the host died of it"), False),
    ],
)
def test_what_took_too_long_is_not_tried_again(error: ModelHostError, *, retryable: bool) -> None:
    """A caller has waited for 8 s by then; four tries would be half a minute of silence."""
    assert to_api_error(error).retryable is retryable
