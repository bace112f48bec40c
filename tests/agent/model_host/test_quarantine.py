"""An utterance that a host died of is not given to the next one."""

from pathlib import Path

import pytest
from fakes.dead_hosts import die_while_hearing
from fakes.speech_engines import noise
from voicegate_agent.model_host.protocol import InvalidRequestError
from voicegate_agent.model_host.quarantine import Quarantine


def test_a_lone_utterance_is_refused_from_then_on(tmp_path: Path) -> None:
    """By the next host and by the one after that; others are not."""
    socket = tmp_path / "host.sock"
    die_while_hearing(socket, noise(1, 1))
    for _ in range(2):
        quarantine = Quarantine(socket)
        with pytest.raises(InvalidRequestError, match="not tried again"):
            quarantine.check(noise(1, 1))
        quarantine.check(noise(1, 2))
        with quarantine.watching([noise(1, 3)]):
            pass


def test_of_several_each_comes_alone(tmp_path: Path) -> None:
    """Nobody loses a turn to another one's, and the next death tells whose it was."""
    socket = tmp_path / "host.sock"
    die_while_hearing(socket, noise(1, 1), noise(1, 2))
    quarantine = Quarantine(socket)
    quarantine.check(noise(1, 1))
    assert quarantine.is_suspected(noise(1, 1))
    assert quarantine.is_suspected(noise(1, 2))
    assert not quarantine.is_suspected(noise(1, 3))


def test_a_host_that_stops_leaves_nothing(tmp_path: Path) -> None:
    """What it noted goes with its socket."""
    socket = tmp_path / "host.sock"
    die_while_hearing(socket, noise(1, 1))
    quarantine = Quarantine(socket)
    with quarantine.watching([noise(1, 2)]):
        quarantine.forget()
    assert list(tmp_path.iterdir()) == []


def test_a_host_on_a_port_remembers_nothing() -> None:
    """There is no folder of its own to remember in."""
    quarantine = Quarantine()
    with quarantine.watching([noise(1)]):
        quarantine.check(noise(1))
