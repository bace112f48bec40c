"""The acts of a recording: runs of the agent started anew in another way, each a recording of its own."""

from voicegate.measure.calls import calls_in_order, unanswered
from voicegate.measure.doubts import NotMeasured
from voicegate.measure.phases import cut_off, missing_part
from voicegate.measure.taking_part import elsewhere
from voicegate.record.events import ActName, Recording


def check_act(recording: Recording, name: ActName) -> None:
    """Raise NotRun when the scenario has no such act, NotMeasured when it was not played to its end.

    A call that nobody answered is no part of what an act is to show: then it was not measured either.
    """
    act = recording.acts.get(name)
    if act is None:
        raise missing_part(recording, f"act {name}", lambda planned: name in planned.acts)
    if act.act is not None and act.act.skipped:
        raise NotMeasured(
            f"act {name} was not played: {act.act.skipped}", "make what it needs available and run again"
        )
    if doubts := cut_off(act) or unanswered(calls_in_order(act)) or elsewhere(act):
        raise NotMeasured(f"act {name}: {doubts[0].reason}", doubts[0].advice)
