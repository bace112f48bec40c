"""What is tried with Locust's gevent: a program of its own, as gevent changes the process it is imported in.

`greenlets.py CALL…` makes calls one after the other and writes what came of them as JSON lines; `greenlets.py --kill` stops
a caller in the middle of a long one.
"""

import json
import sys

import locust  # noqa: F401 - first: it lets gevent take over
import gevent
from fakes import participants as fake

from voicegate.loadtests._participants import ParticipantProcess, ParticipantsError
from voicegate.load.messages import CallRequest


def request(name: str) -> CallRequest:
    """Ask for a call."""
    return CallRequest(name, "load", "run", "ws://nowhere", "key", "secret", ("code",), (0.0,), 5, 5)


def told(**what: object) -> None:
    """Write a line for the test."""
    print(json.dumps(what), flush=True)


def make_call(process: ParticipantProcess, name: str) -> None:
    """Make a call and tell everything about it."""
    try:
        for line in process.call(request(name)):
            told(during=name, line=line)
    except ParticipantsError as error:
        told(during=name, error=str(error))


def main(arguments: list[str]) -> None:
    """Do what the test asks for."""
    process = ParticipantProcess(
        [sys.executable, fake.__file__], lambda line: told(apart=line), lambda reason: told(death=reason)
    )
    if arguments == ["--kill"]:
        caller = gevent.spawn(make_call, process, "long")
        gevent.sleep(1)
        caller.kill()
    else:
        for name in arguments:
            make_call(process, name)
            gevent.sleep(0.3)
    process.close()
    told(pid=process.pid)


if __name__ == "__main__":
    main(sys.argv[1:])
