"""The checks, on facts made by hand: each can warn or refuse, and the healthy machine is ready."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from voicegate.doctor import checks
from voicegate.doctor.checks import CheckResult, CheckStatus, examine
from voicegate.doctor.facts import (
    AgentFacts,
    DiskPurpose,
    DiskRoom,
    Facts,
    GivenServer,
    Listening,
    Machine,
    ModelFile,
    Models,
    Plan,
    ServerProgram,
    UnbuiltServer,
)
from voicegate.doctor.output import as_json, as_text, is_ready
from voicegate.doctor.work import BUILD_BYTES, disk_needed, memory_needed, work_ahead
from voicegate.log_contract import LogContract

GB = 1_000_000_000
URL = "ws://127.0.0.1:7880"
READY = Models((ModelFile("model.bin", 800_000_000, "ready"),), 800_000_000)
TO_GENERATE = Models((ModelFile("model.bin", 800_000_000, "generate"),), 800_000_000)
GOOD = Facts(
    gate=Path("/agent/gate.toml"),
    machine=Machine((3, 11, 7), 2, 1e-9, 8 * GB, 16 * GB, 20_000),
    plan=Plan("full", 5, 3, 500),
    server=ServerProgram(Path("/bin/livekit-server"), "PATH", "livekit-server version 1.11.0"),
    port=None,
    port_is_free=True,
    agent=AgentFacts("python -m voicegate_agent start"),
    profile="rehearsal",
    models=READY,
    disks=(DiskRoom("report", Path("/reports"), 1, 50 * GB, 100 * GB),),
    listening=Listening(40, 8, None, Path("/models/micro"), "ready"),
    log=LogContract(),
    needs_browser=True,
    browser="/usr/bin/chromium",
)


def machine(**changes: Any) -> Facts:
    """Change something about the machine."""
    return replace(GOOD, machine=replace(GOOD.machine, **changes))


def agent(**changes: Any) -> Facts:
    """Change something about the agent's command."""
    return replace(GOOD, agent=AgentFacts("my-agent", **changes))


def room(free_bytes: int, purpose: Any = "report", device: int = 1) -> DiskRoom:
    """Make a disk of 100 GB."""
    return DiskRoom(purpose, Path("/place"), device, free_bytes, 100 * GB)


def answer(facts: Facts, what: str) -> CheckResult:
    """Find the one answer to a question."""
    (found,) = [one for one in examine(facts) if one.what == what]
    return found


def test_a_healthy_machine_is_ready() -> None:
    """Every check is well, and nothing has advice."""
    answers = examine(GOOD)
    assert {one.status for one in answers} == {CheckStatus.OK}
    assert not [one for one in answers if one.advice]
    assert len(answers) == len(checks.CHECKS)
    assert work_ahead(GOOD) == ()


NEEDED = memory_needed(GOOD)


@pytest.mark.parametrize(
    ("facts", "what", "status", "seen"),
    [
        (machine(python=(3, 10, 9)), "python", "problem", "3.10.9"),
        (machine(python=(3, 14, 0)), "python", "problem", "3.14.0"),
        (machine(python=(3, 13, 9)), "python", "ok", "3.13.9"),
        (machine(cores=1), "processor", "warning", "1 core to run on"),
        (machine(tick_s=0.0156), "clock", "warning", "steps of 16 ms"),
        (machine(open_files=415), "open files", "problem", "415 allowed at once, 416 may be needed"),
        (machine(open_files=416), "open files", "ok", "416 allowed"),
        (machine(available_bytes=NEEDED - 1), "memory", "problem", "needed at the peak of full (5 calls"),
        (machine(available_bytes=NEEDED), "memory", "warning", "3 copies of the models"),
        (machine(available_bytes=round(1.2 * NEEDED) + 1), "memory", "ok", "4.32 GB needed"),
        (replace(GOOD, models=Models(asked=False)), "memory", "warning", "needed"),
        (replace(GOOD, port=7880, port_is_free=False), "port", "problem", "7880 is taken"),
        (replace(GOOD, port=7880), "port", "ok", "7880 is free"),
        (replace(GOOD, gate=None), "gate file", "problem", "no gate.toml in this folder"),
        (agent(missing=("my_agent.py",)), "agent", "problem", "not there: my_agent.py"),
        (agent(interpreter_problem="python has no livekit.agents"), "agent", "problem", "no livekit.agents"),
        (agent(client="docker"), "agent", "warning", "docker starts the agent elsewhere"),
        (replace(GOOD, models=Models(problem="model.bin is missing")), "models", "problem", "is missing"),
        (replace(GOOD, models=TO_GENERATE), "models", "ok", "1 file, 800.0 MB to be generated"),
        (
            replace(GOOD, models=Models(weights_bytes=5 * GB, asked=False)),
            "models",
            "ok",
            "5.00 GB of weights",
        ),
        (
            replace(GOOD, log=LogContract.without_lines()),
            "log",
            "ok",
            "not run: C1 to C3 (no lines about models), C8",
        ),
    ],
)
def test_each_check_sees_what_it_is_for(facts: Facts, what: str, status: str, seen: str) -> None:
    """One fact changed, one answer changed; whatever is not well comes with what to do."""
    found = answer(facts, what)
    assert found.status.value == status
    assert seen in found.seen
    assert bool(found.advice) == (status != "ok")


@pytest.mark.parametrize(
    ("server", "status", "seen"),
    [
        (GivenServer(URL, True, True), "ok", "answers and takes the key"),
        (GivenServer(URL, False, True), "problem", "no key for it"),
        (GivenServer(URL, True, False), "problem", "nothing answers"),
        (GivenServer(URL, True, True, "unauthenticated"), "problem", "refused the key: unauthenticated"),
        (ServerProgram(Path("/x"), "cache", "1.11.0"), "ok", "1.11.0, built before, in the cache: /x"),
        (ServerProgram(Path("/x"), "PATH", None, "exec format error"), "problem", "/x on PATH: exec format"),
        (UnbuiltServer("v1.11.0", "Go 1.26 (/go)"), "ok", "v1.11.0 will be built, with Go 1.26"),
        (UnbuiltServer("v1.11.0", None, "/go is Go 1.19, too old"), "problem", "Go 1.19, too old"),
    ],
)
def test_each_kind_of_server_is_judged(server: Any, status: str, seen: str) -> None:
    """Given, there, built, to be built, or not to be had."""
    found = answer(replace(GOOD, server=server), "server")
    assert found.status.value == status
    assert seen in found.seen


def test_a_given_server_needs_no_port_of_ours_but_our_clock() -> None:
    """A clock that is minutes off makes keys that are not yet, or no longer, good."""
    given = replace(GOOD, server=GivenServer(URL, True, True, None, 61.0), port=7880, port_is_free=False)
    assert not [one for one in examine(given) if one.what == "port"]
    assert answer(given, "clock").status is CheckStatus.PROBLEM
    assert "61 s behind the LiveKit server" in answer(given, "clock").seen
    near = replace(GOOD, server=GivenServer(URL, True, True, None, -60.0))
    assert answer(near, "clock").status is CheckStatus.OK


@pytest.mark.parametrize(
    ("free_bytes", "status"),
    [
        (200_000_000 - 1, "problem"),
        (200_000_000, "warning"),
        (10 * GB + 200_000_000 - 1, "warning"),
        (10 * GB + 200_000_000, "ok"),
    ],
)
def test_disk_warns_below_a_tenth_and_refuses_what_does_not_fit(free_bytes: int, status: str) -> None:
    """After the work a tenth must still be free."""
    assert answer(replace(GOOD, disks=(room(free_bytes),)), "disk").status.value == status


def test_purposes_on_one_disk_share_it() -> None:
    """Report, models and server each fit alone, not together; on disks of their own they do."""
    server = UnbuiltServer("v1.11.0", "Go 1.26")
    facts = replace(GOOD, models=TO_GENERATE, server=server)
    sizes = [disk_needed(facts, purpose) for purpose in get_args(DiskPurpose)]
    assert sizes == [200_000_000, 800_000_000, BUILD_BYTES]
    together = tuple(room(2 * GB, purpose) for purpose in ("report", "models", "server"))
    apart = tuple(room(50 * GB, purpose, at) for at, purpose in enumerate(("report", "models", "server")))
    assert answer(replace(facts, disks=together), "disk").status is CheckStatus.PROBLEM
    on_apart = [one for one in examine(replace(facts, disks=apart)) if one.what == "disk"]
    assert [one.status for one in on_apart] == [CheckStatus.OK] * 3


def test_jobs_that_import_everything_need_memory_for_it() -> None:
    """LiveKit's own do, in processes; the line says so."""
    stock = agent(own_imports=True)
    assert memory_needed(stock) - NEEDED == 5 * 600_000_000
    assert "(5 calls with imports of their own, 3 copies of the models)" in answer(stock, "memory").seen


def test_rooms_that_stay_make_a_run_longer() -> None:
    """As text and as JSON."""
    plan = replace(GOOD.plan, longer_s=60)
    assert "takes about 8 minutes, up to 60 s more where the agent leaves its rooms open." in as_text(
        [], [], plan
    )
    assert json.loads(as_json([], [], plan))["longer_s"] == 60


def test_unshared_models_need_memory_for_each_copy() -> None:
    """Three copies of the weights, where a scenario without that variant needs one."""
    alone = replace(GOOD, plan=replace(GOOD.plan, most_copies=1))
    assert memory_needed(GOOD) - memory_needed(alone) == pytest.approx(2 * 1.26 * 800_000_000)


def test_without_a_gate_file_only_the_machine_is_looked_at() -> None:
    """What is missing comes first; nothing is said about an agent that nobody named."""
    facts = replace(GOOD, gate=None, agent=None, models=Models(asked=False))
    answers = examine(facts)
    assert answers[0].what == "gate file"
    assert "voicegate init" in answers[0].advice
    assert {"python", "processor", "server", "disk", "memory"} <= {one.what for one in answers}
    assert not {"agent", "models", "log"} & {one.what for one in answers}
    assert [one.what for one in answers if one.status is not CheckStatus.OK] == ["gate file"]
    assert not is_ready(answers)


def test_calls_from_a_page_need_a_browser() -> None:
    """Without one the run is made without them; without a page none is looked for."""
    none = replace(GOOD, browser=None)
    assert answer(none, "browser").status is CheckStatus.WARNING
    assert "apt install chromium" in answer(none, "browser").advice
    assert not [one for one in examine(replace(none, needs_browser=False)) if one.what == "browser"]


def test_clips_and_recognizer_must_be_there() -> None:
    """Without clips nothing can be said; without a recognizer only the replies go unheard."""
    broken = replace(GOOD, listening=Listening(0, 0, "clips.json: missing", Path("/nowhere"), "missing"))
    assert answer(broken, "clips").status is CheckStatus.PROBLEM
    assert answer(broken, "recognizer").status is CheckStatus.PROBLEM
    deaf = replace(GOOD, listening=Listening(40, 8, None, None, "missing"))
    assert answer(deaf, "recognizer").status is CheckStatus.WARNING
    assert is_ready(examine(deaf))


def test_packaged_ears_are_downloaded_first() -> None:
    """That is no problem, and it is said."""
    facts = replace(GOOD, listening=Listening(40, 8, None, Path("/cache/base"), "download", "Whisper base"))
    assert answer(facts, "recognizer").status is CheckStatus.OK
    assert answer(facts, "recognizer").seen == "Whisper base (to be downloaded)"
    assert [work.what for work in work_ahead(facts)] == [
        "download the gate's packaged recognizer (Whisper base)"
    ]


def test_ears_that_do_not_fit_are_a_warning() -> None:
    """G4 will be an ERROR for other words; a run can be made."""
    few = replace(GOOD, listening=replace(GOOD.listening, ears="an ear, which knows 2 words", ears_fit=False))
    told = answer(few, "recognizer")
    assert told.status is CheckStatus.WARNING
    assert "an ear, which knows 2 words" in told.seen
    assert "recognizer.model" in told.advice
    assert is_ready(examine(few))


def test_work_ahead_is_listed_with_its_size() -> None:
    """What is built, generated and downloaded; a server that cannot be built is no work."""
    models = Models((*TO_GENERATE.files, ModelFile("voice.onnx", 60_000_000, "download")), 860_000_000)
    work = work_ahead(replace(GOOD, models=models, server=UnbuiltServer("v1.11.0", "Go 1.26")))
    assert [(one.bytes, one.about_s) for one in work] == [
        (BUILD_BYTES, 120),
        (800_000_000, 20),
        (60_000_000, None),
    ]
    assert work_ahead(replace(GOOD, server=UnbuiltServer("v1.11.0", None))) == ()


def test_text_has_a_line_per_check_and_ends_in_the_outcome() -> None:
    """What to do stands below what needs it."""
    facts = replace(GOOD, port=7880, port_is_free=False, models=TO_GENERATE)
    lines = as_text(examine(facts), work_ahead(facts), facts.plan).splitlines()
    at = lines.index("problem port        7880 is taken")
    assert lines[at + 1].strip().startswith("What to do: give another one as livekit.port")
    assert lines[-3:] == [
        "First, once: generate the rehearsal models: 800.0 MB, about 20 s.",
        "The scenario full takes about 8 minutes.",
        "Not ready: 1 problem.",
    ]
    assert as_text(examine(GOOD), (), GOOD.plan).splitlines()[-1] == "Ready."


def test_json_says_the_same() -> None:
    """For programs; with schema and version."""
    facts = replace(machine(cores=1), models=TO_GENERATE)
    found = json.loads(as_json(examine(facts), work_ahead(facts), facts.plan))
    assert (found["schema"], found["version"], found["ready"]) == ("voicegate.doctor", 1, True)
    assert [one["what"] for one in found["checks"] if one["status"] == "warning"] == ["processor"]
    assert found["work"] == [{"what": "generate the rehearsal models", "bytes": 800_000_000, "about_s": 20.0}]
