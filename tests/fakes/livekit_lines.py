"""Lines that livekit-agents 1.8.9 and LiveKit's server 1.11.0 really wrote, with the fields that matter."""

import json

ROOM = "voicegate-d385a7-call-01"


def agent_line(message: str, level: str = "INFO", **extra: object) -> str:
    """Write a line as `start` does."""
    return json.dumps({"message": message, "level": level, "name": "livekit.agents", **extra, "pid": 6995})


def server_line(place: str, message: str, **extra: object) -> str:
    """Write a line as LiveKit's server does."""
    return f"2026-11-27T10:03:21.585Z\tINFO\tlivekit\t{place}\t{message}\t{json.dumps(extra)}"


def registered(name: str) -> str:
    """Let the agent register under a name."""
    return agent_line("registered worker", agent_name=name, deployment="", id="AW_invWN4fPGaa2", region="")


def on_server(name: str, message: str = "worker registered") -> str:
    """Let the server tell of it."""
    return server_line(
        "service/agentservice.go:302",
        message,
        namespace="",
        jobType="JT_ROOM",
        agentName=name,
        workerID="AW_i",
    )


FULL = agent_line("worker is at full capacity, marking as unavailable", load=0.714, threshold=0.7)
BELOW = agent_line("worker is below capacity, marking as available", load=0.4, threshold=0.7)
OFFERED = agent_line("received job request", job_id="AJ_1", room=ROOM, agent_name="", resuming=False)
ASSIGNED = server_line("service/agentservice.go:411", "assigned job to worker", jobID="AJ_1", room=ROOM)
JOINED = server_line("service/roommanager.go:415", "starting RTC session", room=ROOM, participant="call-01")
NO_SERVERS = server_line(
    "agent/client.go:176",
    "failed to send job request",
    error="no servers available (received 1 responses)",
    namespace="",
    jobType="JT_ROOM",
    agentName="",
)
CRASH = agent_line(
    "unhandled exception while running the job task",
    "ERROR",
    exc_info='Traceback (most recent call last):\n  File "agent.py", line 7, in entry\nValueError: no voice.onnx',
    room=ROOM,
)
