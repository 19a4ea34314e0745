"""`make bench`: what pages, answers and imports cost, each beside its floor.

Options: --sizes 1000,10000  --databases sqlite,postgres  --rounds 100  --orders 100000 (0 leaves out what a size or
an import takes)  --scale 5000000 (lists, counts and the clock at so many duties). Set-up takes minutes at 10,000
people.
"""

import argparse
import importlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from tools.check import postgres, postgres_programs
from tools.steps import PYTHON, ROOT, say

MANAGE = (str(PYTHON), "manage.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--scale", type=int, default=0, help="so many duties on PostgreSQL, and nothing else")
    parser.add_argument("--inside", help=argparse.SUPPRESS)  # the size, in the process that knows the database
    options = parser.parse_args()
    if options.inside:
        importlib.import_module("bench.inside").report(int(options.inside), options.rounds)  # needs settings
        return
    if options.scale:
        measure_scale(options.scale)
        return
    for name in options.databases.split(","):
        programs = postgres_programs() if name == "postgres" else None
        if name == "postgres" and not programs:
            say("PostgreSQL is not installed; its part is left out.")
            continue
        for size in filter(int, options.sizes.split(",")):
            with postgres(programs) if programs else nullcontext("") as url, database(url) as env:
                measure_pages(name, size, url, env, options.rounds)
        if options.orders:
            with postgres(programs) if programs else nullcontext("") as url, database(url) as env:
                say(f"\n== {name}, {options.orders} orders …")
                code = f"from bench.orders import report; report({options.orders})"
                subprocess.run([str(PYTHON), "-c", code], cwd=ROOT, env=env, check=True)


def measure_scale(duties: int) -> None:
    programs = postgres_programs()
    if not programs:
        say("PostgreSQL is not installed; nothing is measured at this size.")
        return
    with postgres(programs) as url, database(url) as env:
        say(f"\n== {duties} duties: setting up, a minute for each million …")
        subprocess.run([*MANAGE, "seed_demo", "-v0", "--employees", "1000"], cwd=ROOT, env=env, check=True)
        code = f"from bench.scale import report; report({duties})"
        subprocess.run([str(PYTHON), "-c", code], cwd=ROOT, env=env, check=True)


@contextmanager
def database(url: str) -> Iterator[dict[str, str]]:
    """An empty migrated database (SQLite without an address); yields the environment that the product finds it by."""
    with tempfile.TemporaryDirectory(prefix="shipshape-bench-") as folder:
        env = {
            **os.environ,
            "APP_ENV": "local",
            "DATA_DIR": folder,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "LOG_LEVEL": "ERROR",
        }
        subprocess.run([*MANAGE, "migrate", "-v0"], cwd=ROOT, env=env, check=True)
        yield env


def measure_pages(name: str, size: str, url: str, env: dict[str, str], rounds: int) -> None:
    say(f"\n== {name}, {size} people: setting up …")
    began = time.monotonic()
    subprocess.run([*MANAGE, "seed_demo", "-v0", "--employees", size], cwd=ROOT, env=env, check=True)
    if url:
        code = "from bench.inside import analyze; analyze()"
        subprocess.run([*MANAGE, "shell", "-v0", "-c", code], cwd=ROOT, env=env, check=True)
    say(f"set up in {time.monotonic() - began:.0f} s")
    with server(env) as (port, pid):
        words = ["-m", "bench", "--inside", size, "--rounds", str(rounds)]
        told = {**env, "BENCH_PORT": str(port), "BENCH_PID": str(pid)}
        subprocess.run([str(PYTHON), *words], cwd=ROOT, env=told, check=True)


@contextmanager
def server(env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The product's server with as many workers as make run has; yields port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command: list[Any] = [PYTHON.parent / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
    command += ["--workers", min(os.cpu_count() or 1, 4), "--blocking-threads", 4, "--no-ws", "--log-level", "error"]
    process = subprocess.Popen([*map(str, command), "bench.wsgi:application"], cwd=ROOT, env=env)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
    sys.exit(0)
