"""The voice page: where a person talks to the agent in a browser. See docs/voice-page.md."""
