"""The sampler, a process of its own: memory of the agent's tree and use of the processors, as JSON lines on standard output.

`python -m voicegate.record.sampler ORDER` does nothing else, so that a late sample says that the machine stalled, and not
that the gate had other work. It ends when nobody reads its lines any more.
"""

import contextlib
import sys
import time
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from voicegate.record.process_tree import ProcessTree
from voicegate.record.processor_time import ProcessorTime
from voicegate.record.recording import as_line
from voicegate.settings import RoleRule


class SamplingOrder(BaseModel):
    """What is to be sampled, and how often; `began` is when the recording began, on the machine's monotonic clock.

    `holder_pid` and `main_pid`: see `ProcessTree`. `server_pid` holds the LiveKit server, None for somebody else's.
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

    def command(self) -> list[str]:
        """Give the command that samples so; the folder it is started in has no part in it."""
        return [sys.executable, "-P", "-m", __name__, self.model_dump_json()]


def sample(order: SamplingOrder, output: BinaryIO) -> None:
    """Sample for ever. Raises OSError when nobody reads any more."""

    def clock() -> float:
        return time.monotonic() - order.began

    tree = ProcessTree(order.holder_pid, order.main_pid, order.roles, clock, order.server_port)
    processors = ProcessorTime(order.gate_pid, order.server_pid, clock)
    due_t = clock()
    while True:
        output.write(as_line(tree.sample()) + as_line(processors.sample()))
        output.flush()
        due_t = max(due_t + order.interval_s, clock())
        time.sleep(max(0.0, due_t - clock()))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sample(SamplingOrder.model_validate_json(sys.argv[1]), sys.stdout.buffer)
