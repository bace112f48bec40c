"""How the page is looked at: calls from it, what it shows, and pictures of it."""

import asyncio
import wave
from pathlib import Path

import numpy as np
from accessibility import violations
from pydantic import SecretStr
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.page.browser import Browser, Tab
from voicegate.record.timeline import RATE

SIZES = ((390, 844), (1280, 800))
CODE = "5203"

COUNT_SOUND = """
const connections = [], Connection = RTCPeerConnection;
RTCPeerConnection = class extends Connection {
  constructor(...all) { super(...all); connections.push(this); }
};
const heardEnergy = async () => {
  let energy = 0;
  for (const connection of connections) for (const report of (await connection.getStats()).values())
    if (report.type === "inbound-rtp") energy += report.totalAudioEnergy ?? 0;
  return energy;
};
const playing = () => [...document.querySelectorAll("audio")].filter((one) => !one.paused).length;
"""


def livekit_settings(livekit: LiveKitServer) -> dict[str, object]:
    """Name the server as the page's settings do."""
    return {
        "livekit_url": livekit.url,
        "livekit_api_key": livekit.api_key,
        "livekit_api_secret": SecretStr(livekit.api_secret),
    }


async def opened(browser: Browser, address: str, script: str = COUNT_SOUND) -> Tab:
    """Open the page and call."""
    tab = await browser.tab(script)
    await tab.open(address)
    await tab.click("#call")
    return tab


async def in_call(tab: Tab) -> None:
    """Wait until the agent listens."""
    await tab.until("document.getElementById('agent').dataset.state === 'listening'", "the agent listens", 60)


async def shown_problem(tab: Tab, timeout_s: float = 30) -> str:
    """Wait for a problem, and give its kind; it must have a title and say what to do."""
    kind = await tab.until("document.getElementById('problem').dataset.kind", "a problem is shown", timeout_s)
    assert await tab.evaluate("document.getElementById('problem').checkVisibility()")
    assert await tab.evaluate("document.getElementById('problem-title').textContent.length > 10")
    assert await tab.evaluate("document.getElementById('problem-advice').textContent.length > 10")
    return str(kind)


async def shown_state(tab: Tab, state: str, timeout_s: float = 60) -> None:
    """Wait until the page says this state."""
    await tab.until(
        f"document.getElementById('state').textContent === {state!r}", f"the page says {state}", timeout_s
    )


async def take_pictures(tab: Tab, folder: Path, name: str, axe: str) -> None:
    """Take the page as a phone and a desk show it, light and dark; nothing may be cut off at the side, nor be found wrong by axe."""
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            await tab.look(width, height, scheme)
            await asyncio.sleep(0.1)  # for the picture only: nothing is judged by it
            assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            found = await violations(tab, axe)
            assert not found, (name, width, scheme, found)
            await tab.screenshot(folder / f"{name}-{width}-{scheme}.png")


def spoken(code: str, path: Path, *, before_s: float = 2.0, after_s: float = 6.0) -> Path:
    """Write a file for a fake microphone in which a code of the gate's clips is said, between silences; it is played over and over."""
    clip = next(clip for clip in load_library().codes if clip.code == code)
    silence = [np.zeros(int(seconds * RATE), np.int16) for seconds in (before_s, after_s)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate((silence[0], clip.samples, silence[1])).tobytes())
    return path
