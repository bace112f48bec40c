"""The sampler, a process of its own: memory of the agent's tree and use of the processors, as JSON lines on standard output.

`python -m voicegate.record.sampler PIPE` waits for its order, a line of JSON from that named pipe, and does nothing else than
sampling from then on, so that a late sample says that the machine stalled, and not that the gate had other work. It ends when
nobody reads its lines any more.
"""

import contextlib
import sys
import time
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from voicegate.agent_section import RoleRule
from voicegate.record.process_tree import ProcessTree
from voicegate.record.processor_time import ProcessorTime
from voicegate.record.recording import as_line


class SamplingOrder(BaseModel):
    """What is to be sampled, and how often; `began` is when the recording began, on the machine's monotonic clock.

    `holder_pid`, `main_pid` and `temporary`: see `ProcessTree`. `server_pid` holds the LiveKit server, None for somebody else's.
    """

    model_config = ConfigDict(frozen=True)

    began: float
    interval_s: float
    holder_pid: int | None
    main_pid: int | None
    roles: tuple[RoleRule, ...]
    server_port: int | None
    server_pid: int | None
    gate_pid: int
    temporary: Path | None = None


def sampler_command(pipe: Path) -> list[str]:
    """Give the command that waits for an order; the folder it is started in has no part in it."""
    return [sys.executable, "-P", "-m", __name__, str(pipe)]


def sample(order: SamplingOrder, output: BinaryIO) -> None:
    """Sample for ever. Raises OSError when nobody reads any more."""

    def clock() -> float:
        return time.monotonic() - order.began

    tree = ProcessTree(
        order.holder_pid, order.main_pid, order.roles, clock, order.server_port, order.temporary
    )
    processors = ProcessorTime(order.gate_pid, order.server_pid, clock)
    due_t = clock()
    while True:
        output.write(as_line(tree.sample()) + as_line(processors.sample()))
        output.flush()
        due_t = max(due_t + order.interval_s, clock())
        time.sleep(max(0.0, due_t - clock()))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        with Path(sys.argv[1]).open(encoding="utf-8") as orders:
            order = SamplingOrder.model_validate_json(orders.readline())
        sample(order, sys.stdout.buffer)
