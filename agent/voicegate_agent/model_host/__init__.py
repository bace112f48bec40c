"""The model host: the one process that owns the models' weights, and the way to talk to it.

Calls reach it over HTTP, in the shape of OpenAI's audio API, on a Unix socket or a TCP port.
"""
