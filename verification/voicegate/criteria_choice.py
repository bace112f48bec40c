"""What a gate file holds recordings against, and which criteria it leaves out, and why."""

from collections.abc import Iterable, Mapping

from voicegate.judge.criterion import NEED_PROCESSES, Rules, short_id
from voicegate.judge.registry import all_criteria
from voicegate.settings import GateSettings

NEED_A_LOG = ("C1", "C2", "C3", "C8", "G6", "G11")
NEED_A_START = ("G6", "G10")

_ACTS = {"forced_gc": "G6", "unshared": "G10"}

_TURNED_OFF = "turned off in the gate's configuration"
_NO_PROCESSES = "no process is watched: agent.running in the gate's configuration"
_NO_LOG = "the agent's log is not read: agent.log is \"none\" in the gate's configuration"
_NO_START = "needs an agent that the gate starts: the gate's configuration has one that runs already"


def rules_of(settings: GateSettings) -> Rules:
    """Take from the settings what recordings are held against. Raises SettingsError for criteria that do not exist."""
    return Rules(settings.limits, settings.log, disabled_criteria(settings), settings.source.lock)


def without_idle_acts(settings: GateSettings) -> GateSettings:
    """Leave out the acts that no criterion would be judged by: they take a minute each. Raises as `rules_of` does."""
    disabled = {short_id(id_) for id_ in disabled_criteria(settings)}
    idle = {act: None for act, criterion in _ACTS.items() if criterion in disabled}
    return settings.model_copy(update={"acts": settings.acts.model_copy(update=idle)})


def disabled_criteria(settings: GateSettings, known: Iterable[str] | None = None) -> Mapping[str, str]:
    """Return the ids of the criteria that cannot or shall not be judged, each with the reason.

    `known` are the ids of all criteria. Raises SettingsError for an id in the file that is none of them.
    """
    ids = tuple(criterion.id for criterion in all_criteria()) if known is None else tuple(known)
    off = _named(settings, "off", ids)
    on = _named(settings, "on", ids) if settings.criteria.on else set(ids)
    return {id_: reason for id_ in ids if (reason := _reason(id_, settings, off | (set(ids) - on)))}


def _reason(id_: str, settings: GateSettings, off: set[str]) -> str | None:
    if id_ in off:
        return _TURNED_OFF
    short = short_id(id_)
    if short in NEED_PROCESSES and not settings.agent.watched:
        return _NO_PROCESSES
    if short in NEED_A_LOG and settings.agent.log_source == "none":
        return _NO_LOG
    return _NO_START if short in NEED_A_START and settings.agent.attached else None


def _named(settings: GateSettings, key: str, ids: tuple[str, ...]) -> set[str]:
    """Look up what a list of the file names: whole ids, or the part before the first hyphen."""
    by_name = {name: id_ for id_ in ids for name in (id_, short_id(id_))}
    found = set()
    for number, name in enumerate(getattr(settings.criteria, key)):
        if name not in by_name:
            raise settings.error(
                ("criteria", key, number), f"unknown criterion {name!r}; known: {', '.join(ids)}"
            )
        found.add(by_name[name])
    return found
