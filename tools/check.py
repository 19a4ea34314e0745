"""`make test` and `make lint`.

The front end's own tests run first, then all others on SQLite (a file with the pragmas of production), on PostgreSQL
(a throwaway cluster on a socket) and in a browser; a browser test that failed is run once more by itself and named
FLAKY where it passes then. What the machine lacks is installed when possible; otherwise that part is skipped with a
line that says how to get it. REQUIRE_ALL=1 turns a skipped part into a failure.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.steps import PYTHON, ROOT, VENV, node, say, set_up, stop

NO_TESTS = 5  # how pytest ends when it found none
PYTEST: tuple[str | Path, ...] = (PYTHON, "-m", "pytest", "-q")
MOST_AGAIN = 5  # failed browser tests are run once more by themselves; more than these are no accident
TSC = "node_modules/typescript/bin/tsc"
REQUIRE_ALL = os.environ.get("REQUIRE_ALL", "") == "1"


def run(command: list[str | Path], **environment: str) -> int:
    env = {**os.environ, "APP_ENV": "test", **environment}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode


def as_root() -> bool:
    return os.geteuid() == 0


def install(*packages: str) -> bool:
    """Debian's packages, when root; the list of packages is fetched first, for a new machine has none."""
    if not as_root() or not shutil.which("apt-get"):
        return False
    say(f"Installing {', '.join(packages)} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            say(done.stderr[-600:])
            return False
    return True


# --- PostgreSQL


def postgres_programs() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    path = shutil.which("initdb")
    return next((p for p in [*places, *([Path(path).parent] if path else [])] if (p / "initdb").exists()), None)


def nobody_special() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as, when we are."""
    if not as_root():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


@contextlib.contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """A cluster of its own in a temporary folder, reached through a socket only; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="shipshape-pg-", dir="/tmp") as folder:
        user = nobody_special()
        if user:
            shutil.chown(folder, user)
        as_user: dict[str, Any] = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
        data = f"{folder}/data"
        make: list[str | Path] = [programs / "initdb", "-D", data, "-U", "shipshape", "-A", "trust", "--no-sync"]
        make += ["-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(make, cwd=folder, capture_output=True, text=True, check=False, **as_user)
        if made.returncode:
            stop(f"initdb failed: {made.stderr.strip()[-400:]}")
        options = ["-c", "listen_addresses=", "-k", folder, "-c", "max_connections=60", "-c", "full_page_writes=off"]
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options, "-F"], cwd=folder, stdout=log, stderr=log, **as_user
            )
        try:
            probe: list[str | Path] = [programs / "pg_isready", "-q", "-h", folder]
            for _ in range(100):
                if subprocess.run(probe, check=False).returncode == 0:
                    break
                time.sleep(0.1)
            else:
                stop(f"PostgreSQL did not start: {Path(folder, 'log').read_text()[-400:]}")
            yield f"postgres://shipshape@{quote(folder, safe='')}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # fast: open sessions are ended
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            if server.poll() is None:
                server.kill()


# --- Chromium


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM", "").strip()
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def playwright_chromium() -> str | None:
    """Playwright's own download, the last resort; the path when it worked."""
    done = subprocess.run([VENV / "bin" / "playwright", "install", "chromium"], capture_output=True, check=False)
    found = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if done.returncode == 0 and found else None


# --- the two commands


def remembering(cache: str) -> list[str]:
    """Options by which pytest keeps in this folder what failed, for --last-failed."""
    return ["-o", f"cache_dir={cache}"]


def failed_last(cache: str) -> list[str]:
    try:
        return list(json.loads(Path(cache, "v/cache/lastfailed").read_text("utf-8")))
    except FileNotFoundError:  # nothing ever failed
        return []


def test() -> int:
    """Returns 0 when everything passed and, with REQUIRE_ALL, nothing was skipped."""
    set_up(for_tests=True)
    results: dict[str, str] = {}
    flaky: list[str] = []
    options = sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="shipshape-test-") as folder:
        base = {"DATA_DIR": folder, "SECRET_KEY": "only-for-tests-" * 4, "DATABASE_URL": ""}

        def part(name: str, *words: str, command: tuple[str | Path, ...] = PYTEST, **environment: str) -> None:
            say(f"\n== {name}")
            began = time.monotonic()
            code = run([*command, *words, *options], **{**base, **environment})
            word = {0: "passed", NO_TESTS: "found no tests"}.get(code, "FAILED")
            results[name] = f"{word}, {time.monotonic() - began:.0f} s"

        if not options:  # they are pytest's: some tests, not all
            part("front end", command=(node()["node"], "tests/front/run.mjs"))
        part("SQLite", "-m", "not browser", "-n", "2")
        programs = postgres_programs() or (install("postgresql") and postgres_programs()) or None
        if programs:
            with postgres(programs) as url:
                part("PostgreSQL", "-m", "not browser", "-n", "2", DATABASE_URL=url)
        else:
            results["PostgreSQL"] = "SKIPPED: install the system's package “postgresql”"
        browser = chromium() or (install("chromium", "fonts-noto-cjk") and chromium()) or playwright_chromium()
        if browser:
            kept = remembering(f"{folder}/browser-tests")
            part("browser", "-m", "browser", "-n", "2", *kept, CHROMIUM=browser)
            again = failed_last(f"{folder}/browser-tests")
            if results["browser"].startswith("FAILED") and 0 < len(again) <= MOST_AGAIN:
                part("browser, once more", "-m", "browser", "--last-failed", *kept, CHROMIUM=browser)
                if results.pop("browser, once more").startswith("passed"):
                    results["browser"] = results["browser"].replace("FAILED", "passed")
                    flaky = again
        else:
            results["browser"] = "SKIPPED: install the system's package “chromium”, or name one with CHROMIUM=path"
    say("\n" + "\n".join(f"{name:<11}{result}" for name, result in results.items()))
    for name in flaky:
        say(f"FLAKY      {name}: failed, then passed by itself")
    bad = any(r.startswith("FAILED") for r in results.values())
    none = results["SQLite"].startswith("found no tests")
    gaps = any(not r.startswith("passed") for r in results.values()) and REQUIRE_ALL
    return int(bad or none or gaps)


def lint() -> int:
    """Runs every check even when an early one fails, so that one look shows all there is to mend."""
    set_up(for_tests=True)
    tool = VENV / "bin"
    checks: dict[str, list[str | Path]] = {
        "style": [tool / "ruff", "check", "."],
        "format": [tool / "ruff", "format", "--check", "-q", "."],
        "import order": [tool / "lint-imports", "--no-logo"],
        "templates": [tool / "djlint", "templates", "--lint", "--quiet"],
        "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
        "translations": [PYTHON, "tools/messages.py", "--check"],
        "types": [tool / "mypy"],
        "front end's types": [node()["node"], TSC, "-p", "frontend"],
        "types of its tests": [node()["node"], TSC, "-p", "tests/front"],
    }
    failed = []
    for name, command in checks.items():
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, "APP_ENV": "test", "DATABASE_URL": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed.append(name)
            say(f"== {name}\n{(done.stdout + done.stderr).strip()[-6000:]}\n")
    say(f"lint: {'passed' if not failed else 'FAILED: ' + ', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    if sys.argv[1:2] not in (["test"], ["lint"]):
        stop("usage: python3 -m tools.check test|lint [pytest options]")
    raise SystemExit(test() if sys.argv[1] == "test" else lint())
