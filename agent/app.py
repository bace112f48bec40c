"""The agent server where LiveKit's own command line finds it: ``python -m livekit.agents start agent/app.py``.

LiveKit's command line then owns the log (JSON on standard output) and the exit code, which is 0 even when LiveKit
was never reached; ``python -m agent`` is the way to run the agent under a process manager.
"""

from agent.settings import load_settings
from agent.voice_server import VoiceServer

server = VoiceServer(load_settings())
