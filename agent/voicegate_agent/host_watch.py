"""How a model host is that somebody else keeps running: asked every few seconds, so that no call is taken that it cannot serve."""

import asyncio
from dataclasses import dataclass, field

from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import HostReport, LoadState, ModelHostError

MISSED = 2
"""Answers that must be missing in a row."""


@dataclass(slots=True)
class HostWatch:
    """What is known of it; a host of another kind, which does not say, counts as ready and is not asked again."""

    ready: bool = True
    report: HostReport = field(default_factory=HostReport)

    async def run(self, client: ModelHostClient, *, every_s: float = 3.0, deadline_s: float = 10.0) -> None:
        """Ask until cancelled."""
        missed = 0
        while True:
            try:
                self.report = await client.report(deadline_s)
                missed = 0
                self.ready = LoadState.STUCK not in self.report.models.values()
                if not self.report.models:
                    return
            except ModelHostError:
                missed += 1
                self.ready = self.ready and missed < MISSED
            await asyncio.sleep(every_s)
