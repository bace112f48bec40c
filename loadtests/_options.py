"""What can be set for a load run beyond Locust's own options."""

import math
import os
import subprocess
import sys
from argparse import ArgumentTypeError, Namespace
from functools import partial
from pathlib import Path
from typing import NoReturn

from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from voicegate.loadtests._shapes import SHAPES
from voicegate.settings import GateSettings, SettingsError, load_settings

USAGE, NOT_MEASURED = 2, 3
_CHECK_S = 30.0
_PER_S = {"s": 1.0, "min": 60.0}


def add_options(parser: LocustArgumentParser) -> None:
    """Add them to Locust's command line."""
    add = partial(parser.add_argument, include_in_web_ui=False)
    add("--api-key", env_var="LIVEKIT_API_KEY", help="Key of the LiveKit server that --host names.")
    add("--api-secret", env_var="LIVEKIT_API_SECRET", help="Its secret; better given by the environment.")
    gate = "Gate file: the agent's name, the clips, how long callers wait."
    add("--gate", env_var="VOICEGATE_GATE", metavar="FILE", help=gate)  # no path: workers get plain values
    add(
        "--shape",
        choices=sorted(SHAPES),
        help="How callers come. steps: 1, 2, 4, 8 up to --users; burst: all at once; churn: all, a quarter, all again; "
        "soak: all, for --run-time or an hour. Left out: --users, at --spawn-rate.",
    )
    add(
        "--arrivals",
        type=_rate,
        metavar="RATE",
        help="Open arrivals: so many calls begin, such as 0.5/s or 30/min, however long others take; -u says how many callers "
        "there are for them. Left out: a caller who has hung up rests, and calls again.",
    )
    to_the_end = "Go on to the end, also when a limit of the gate file can no longer be kept."
    add("--no-early-stop", action="store_true", help=to_the_end)
    step = "How long each step of steps and churn lasts."
    add("--step-time", type=_more_than_zero, default=60.0, metavar="SECONDS", help=step)
    rest = "The longest rest of a caller between two calls."
    add("--rest", type=_seconds, default=4.0, metavar="SECONDS", help=rest)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"{text}: expected seconds, 0 or more")
    return value


def _rate(text: str) -> float:
    """Read calls per second."""
    number, _, per = text.partition("/")
    rate = float(number) / _PER_S.get(per, math.nan)
    if not 0 < rate < math.inf:
        raise ArgumentTypeError(f"{text}: expected calls per second or minute, such as 0.5/s or 30/min")
    return rate


def _more_than_zero(text: str) -> float:
    value = _seconds(text)
    if value == 0:
        raise ArgumentTypeError(f"{text}: expected seconds, more than 0")
    return value


def read_settings(options: Namespace) -> GateSettings:
    """Read the gate file; end with exit code 2 when there is something wrong with it."""
    try:
        return load_settings(Path(options.gate) if options.gate else None, {})
    except SettingsError as error:
        refuse(str(error), USAGE)


def check_arrivals(options: Namespace) -> None:
    """See that open arrivals have a number of callers that stays the same; end with exit code 2 if not."""
    if options.arrivals is None:
        return
    if options.num_users is None or options.shape is not None or not options.headless:
        refuse("--arrivals needs -u, the most callers at once, and --headless, and takes no --shape", USAGE)
    options.spawn_rate = options.num_users  # callers who wait cost nothing


def check_server(environment: Environment, options: Namespace) -> None:
    """See that there is a server that takes the keys; end with exit code 2 or 3 if not."""
    url, key, secret = environment.host, options.api_key, options.api_secret
    if not (url and key and secret):
        given = {"--host (or LIVEKIT_URL)": url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
        missing = ", ".join(name for name, value in given.items() if not value)
        refuse(
            f"no LiveKit server is given: {missing} missing. `nox -s load` starts a server and an agent",
            USAGE,
        )
    keys = {"LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
    command = [sys.executable, "-P", "-m", "voicegate.load", "check", url]
    try:
        asked = subprocess.run(command, env=os.environ | keys, check=False, timeout=_CHECK_S)
    except subprocess.TimeoutExpired:  # it was killed, and has no children
        refuse(f"asking the LiveKit server at {url} did not end within {_CHECK_S:.0f} s", NOT_MEASURED)
    if asked.returncode != 0:
        sys.exit(NOT_MEASURED)  # it has said why


def refuse(text: str, code: int) -> NoReturn:
    """Say what is wrong and end."""
    sys.stderr.write(f"voicegate: {text}\n")
    sys.exit(code)
