"""Whether the callers of a load run kept up themselves: what they measure late is not the agent's doing."""

from statistics import median

from voicegate.limits import StallLimits
from voicegate.measure.caveats import Caveat
from voicegate.measure.stalls import BUSY_CORES
from voicegate.record.events import Recording

ADVICE = "the callers were late themselves: use --processes, fewer callers, or another machine for them"


def late_callers(recording: Recording, limits: StallLimits) -> tuple[Caveat, ...]:
    """Return a caveat if the callers' own processes were busy or late for more than the limit allows."""
    notes = recording.callers
    if not notes:
        return ()
    late = [note for note in notes if note.lag_s > limits.stall_s or note.cores > BUSY_CORES]
    if not is_more_than_rare(len(late), len(notes)):
        return ()
    worst = max(note.lag_s for note in notes)
    reason = f"the callers' own process was late in {len(late)} of {len(notes)} looks, by up to {worst:.2f} s"
    return (Caveat(reason, ADVICE),)


def is_more_than_rare(found: int, looks: int) -> bool:
    """Whether something was found in more than one look of twenty."""
    return found * 20 > looks


def callers_load(recording: Recording) -> str:
    """Say how busy the processes of callers were."""
    if not recording.callers:
        return "how busy the callers' own process was is not known"
    cores = median(note.cores for note in recording.callers)
    lag_s = max(note.lag_s for note in recording.callers)
    return f"the callers' own process used {cores:.2f} cores (median) and was late by {lag_s:.2f} s at worst"
