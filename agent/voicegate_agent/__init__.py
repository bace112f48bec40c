"""The reference voice agent: LiveKit calls that share one speech-to-text model and one text-to-speech engine."""
