"""Every call has buffers of its own: 150 MB, for as long as it lasts."""

from mutants.broken_agent import start_with_broken_calls

BUFFERS: list[bytes] = []
BUFFER_BYTES = 150_000_000


def break_it() -> None:
    """Take the memory."""
    BUFFERS.append(b"\1" * BUFFER_BYTES)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
