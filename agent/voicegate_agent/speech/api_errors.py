"""The model host's errors as LiveKit's, so that an AgentSession retries what is worth retrying."""

from collections.abc import Iterator
from contextlib import contextmanager

from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError

from voicegate_agent.model_host.protocol import (
    ModelHostError,
    ModelHostTimeoutError,
    ModelHostUnavailableError,
)


@contextmanager
def as_api_errors() -> Iterator[None]:
    """Raise LiveKit's error for every ModelHostError of the block."""
    try:
        yield
    except ModelHostError as error:
        raise to_api_error(error) from error


def to_api_error(error: ModelHostError) -> APIError:
    """Choose LiveKit's error: it retries overload, not what cannot work or took too long already.

    For a host that is gone the client has waited itself; tried again, half a sentence would be said twice.
    """
    match error:
        case ModelHostTimeoutError():
            return APITimeoutError(str(error), retryable=False)
        case ModelHostUnavailableError():
            return APIConnectionError(str(error), retryable=False)
        case _:
            return APIStatusError(str(error), status_code=error.status, body=error.to_json())
