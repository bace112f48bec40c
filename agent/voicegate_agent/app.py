"""The agent server where LiveKit's own command line finds it: ``python -m livekit.agents start agent/voicegate_agent/app.py``.

LiveKit's command line then owns the log (JSON on standard output) and the exit code, which is 0 even when LiveKit
was never reached; ``python -m voicegate_agent`` is the way to run the agent under a process manager.
"""

from voicegate_agent.settings import load_settings
from voicegate_agent.voice_server import VoiceServer

server = VoiceServer(load_settings())
