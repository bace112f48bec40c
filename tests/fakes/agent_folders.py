"""Small folders with agents in the styles that people have."""

from pathlib import Path

STARTER = """
from dotenv import load_dotenv
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli, inference

load_dotenv(".env.local")
server = AgentServer()


@server.rtc_session(agent_name="my-agent")
async def my_agent(ctx: JobContext) -> None:
    session = AgentSession(stt=inference.STT(model="deepgram/nova-3", language="multi"))
    await session.start(agent=Agent(instructions=""), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
"""

WORKER = """
import logging

from livekit import agents

AGENT_NAME = "desk"
_SHARED_ASR_MODEL = None
logger = logging.getLogger("desk")


async def entrypoint(ctx: agents.JobContext) -> None:
    logger.info("🔧 Initializing shared ASR model (first session)...")
    logger.info("Memory usage: %.1fMB (healthy)", 1.0)


if __name__ == "__main__":
    options = agents.WorkerOptions(
        entrypoint_fnc=entrypoint, agent_name=AGENT_NAME, job_executor_type=agents.JobExecutorType.THREAD
    )
    agents.cli.run_app(options)
"""

SERVER_ONLY = """
from livekit.agents import AgentServer

server = AgentServer()
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files with these texts into the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
