"""What goes over the socket between Locust and a process of callers."""

import pytest
from voicegate.load.messages import CallRequest, LocustEntry, WatchRequest, request_from, to_line

CALL = CallRequest(
    "call-1", "load", "run", "ws://x", "key", "secret", ("code", "sentence"), (0.5, 1.0), 20, 15
)


@pytest.mark.parametrize("request_", [CALL, WatchRequest(2.0)])
def test_requests_come_out_as_they_went_in(request_: CallRequest | WatchRequest) -> None:
    """One line each."""
    line = to_line(request_)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert request_from(line) == request_


@pytest.mark.parametrize("line", [b"", b"{}", b'{"kind": "call"}', to_line(LocustEntry("turn", 0.5))])
def test_anything_else_is_refused(line: bytes) -> None:
    """A process of callers does nothing that it was not asked for."""
    with pytest.raises(ValueError, match="validation error"):
        request_from(line)
