"""What a gate file holds recordings against, and which criteria it leaves out, and why."""

from collections.abc import Mapping, Sequence

from voicegate.judge import page
from voicegate.judge.criterion import Criterion, Need, short_id
from voicegate.judge.registry import Limits, Rules, all_criteria
from voicegate.settings import GateSettings
from voicegate.toml_lines import KeyPath

_TURNED_OFF = "turned off in the gate's configuration"
_TURNED_OFF_FOR = "turned off for the profile {} in the gate's configuration"
_NO_PROCESSES = "no process is watched: agent.running in the gate's configuration"
_NO_LOG = "the agent's log is not read: agent.log is \"none\" in the gate's configuration"
_NO_START = "needs an agent that the gate starts: the gate's configuration has one that runs already"


def rules_of(settings: GateSettings) -> Rules:
    """Take from the settings what recordings are held against. Raises SettingsError for criteria that do not exist."""
    return Rules(settings.limits, settings.log, disabled_criteria(settings), settings.source.lock)


def without_unjudged_variants(settings: GateSettings) -> GateSettings:
    """Leave out variants, and calls from a web page, that no criterion would be judged by. Raises as `rules_of` does."""
    disabled = disabled_criteria(settings)
    needed = {criterion.variant for criterion in all_criteria() if criterion.id not in disabled}
    unneeded = {one.variant for one in all_criteria() if one.variant is not None} - needed
    idle = {variant.replace("-", "_"): None for variant in unneeded}
    called_page = None if page.judge.id in disabled else settings.page
    variants = settings.variants.model_copy(update=idle)
    return settings.model_copy(update={"variants": variants, "page": called_page})


def disabled_criteria(settings: GateSettings) -> Mapping[str, str]:
    """Return the ids of the criteria that cannot or shall not be judged, each with the reason.

    Raises SettingsError for an id in the file that no criterion has.
    """
    ids = tuple(criterion.id for criterion in all_criteria())
    chosen = settings.criteria
    on = _named(settings, ("on",), chosen.on, ids) if chosen.on else set(ids)
    off = dict.fromkeys(_named(settings, ("off",), chosen.off, ids) | (set(ids) - on), _TURNED_OFF)
    for profile, names in chosen.off_for.items():
        found = _named(settings, ("off_for", profile), names, ids)
        if profile == settings.agent.profile:
            off = dict.fromkeys(found, _TURNED_OFF_FOR.format(profile)) | off
    return {one.id: reason for one in all_criteria() if (reason := _reason(one, settings, off))}


def _reason(criterion: Criterion[Limits], settings: GateSettings, off: Mapping[str, str]) -> str | None:
    if criterion.id in off:
        return off[criterion.id]
    needs = criterion.needs
    if Need.PROCESSES in needs and not settings.agent.watched:
        return _NO_PROCESSES
    if settings.agent.log_source == "none" and any(need.is_in_log for need in needs):
        return _NO_LOG
    return _NO_START if Need.START in needs and settings.agent.attached else None


def _named(settings: GateSettings, key: KeyPath, names: Sequence[str], ids: tuple[str, ...]) -> set[str]:
    """Look up what a list of the file names: whole ids, or the part before the first hyphen."""
    by_name = {name: id_ for id_ in ids for name in (id_, short_id(id_))}
    found = set()
    for number, name in enumerate(names):
        if name not in by_name:
            raise settings.error(
                ("criteria", *key, number), f"unknown criterion {name!r}; known: {', '.join(ids)}"
            )
        found.add(by_name[name])
    return found
