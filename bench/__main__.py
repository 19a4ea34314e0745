"""`make bench`: what Today, an open run, an answer and the matrix cost, each beside its floor, in one table.

Options: --sizes 1000,10000  --databases sqlite,postgres  --rounds 100. Set-up takes minutes at 10,000 people.
"""

import argparse
import importlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from tools.check import postgres, postgres_programs
from tools.steps import PYTHON, ROOT, say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--inside", help=argparse.SUPPRESS)  # the size, in the process that knows the database
    options = parser.parse_args()
    if options.inside:
        importlib.import_module("bench.inside").report(int(options.inside), options.rounds)  # needs settings
        return
    for name in options.databases.split(","):
        programs = postgres_programs() if name == "postgres" else None
        if name == "postgres" and not programs:
            say("PostgreSQL is not installed; its part is left out.")
            continue
        for size in options.sizes.split(","):
            with postgres(programs) if programs else nullcontext("") as url:
                measure_one(name, size, url, options.rounds)


def measure_one(name: str, size: str, url: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="shipshape-bench-") as folder:
        env = {
            **os.environ,
            "APP_ENV": "local",
            "DATA_DIR": folder,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "LOG_LEVEL": "ERROR",
        }
        manage = [str(PYTHON), "manage.py"]
        say(f"\n== {name}, {size} people: setting up …")
        began = time.monotonic()
        subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env, check=True)
        subprocess.run([*manage, "seed_demo", "-v0", "--employees", size], cwd=ROOT, env=env, check=True)
        if url:
            subprocess.run(
                [*manage, "shell", "-v0", "-c", "from bench.inside import analyze; analyze()"],
                cwd=ROOT,
                env=env,
                check=True,
            )
        say(f"set up in {time.monotonic() - began:.0f} s")
        with server(env) as (port, pid):
            words = ["-m", "bench", "--inside", size, "--rounds", str(rounds)]
            told = {**env, "BENCH_PORT": str(port), "BENCH_PID": str(pid)}
            subprocess.run([str(PYTHON), *words], cwd=ROOT, env=told, check=True)
        shutil.rmtree(Path(folder) / "imports", ignore_errors=True)


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
