"""`make run`: sets up, prepares the database, then keeps server, worker and tick alive until Ctrl-C.

Python's standard library only: it starts on a machine that has nothing else yet. PORT (8000), HOST (127.0.0.1) and
everything in .env.example are read from the environment.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tools.steps import PYTHON, ROOT, call, hold_data, say, set_up, stop

LONGEST_WAIT = 30.0
PATIENCE = 15.0
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Runs in a child before it starts: a group of its own, and an end when the supervisor is killed outright."""
    os.setsid()
    if LIBC is not None:
        LIBC.prctl(1, signal.SIGTERM)


def end_group(leader: int) -> None:
    """What a dead program left behind would keep its port, or its task."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


@dataclass
class Child:
    """One program that is started again, a little later each time, when it dies."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts_at: float = 0.0
    wait: float = 1.0

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self.started = time.monotonic()

    def plan_restart(self, now: float) -> None:
        if now - self.started > 60:
            self.wait = 1.0
        self.starts_at, self.wait = now + self.wait, min(self.wait * 2, LONGEST_WAIT)


class Supervisor:
    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.selector = selectors.DefaultSelector()
        self.stopping = False

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def tell(self, child: Child, data: bytes) -> None:
        for line in data.decode("utf-8", "replace").splitlines():
            if line.strip():
                say(f"{child.name:<6} | {line}")

    def start(self, child: Child) -> None:
        child.start()
        assert child.process is not None and child.process.stdout is not None
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def listen(self, seconds: float) -> None:
        for key, _events in self.selector.select(seconds):
            with contextlib.suppress(BlockingIOError):
                data = os.read(key.fd, 65536)
                if data:
                    self.tell(key.data, data)
                else:
                    self.selector.unregister(key.fileobj)

    def look_after(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.starts_at:
                    self.start(child)
            elif child.process.poll() is not None:
                self.drain(child)
                end_group(child.process.pid)
                child.plan_restart(now)
                say(
                    f"{child.name:<6} | ended ({child.process.returncode}); starting it again in {child.wait / 2:.0f} s"
                )
                child.process = None

    def drain(self, child: Child) -> None:
        assert child.process is not None and child.process.stdout is not None
        pipe = child.process.stdout
        with contextlib.suppress(BlockingIOError, ValueError):
            while data := os.read(pipe.fileno(), 65536):
                self.tell(child, data)
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(pipe)
        pipe.close()

    def stop(self) -> None:
        """Asks every child to end, waits, then ends what is left of its group."""
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(process.poll() is None for process in alive):
            self.listen(0.1)
        for process in alive:
            end_group(process.pid)
            process.wait()


def port_and_host() -> tuple[int, str]:
    text = os.environ.get("PORT", "").strip() or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        stop(f"PORT is “{text}”; it takes a number from 1 to 65535.")
    host = os.environ.get("HOST", "").strip() or "127.0.0.1"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(text)))
        except OSError as error:
            stop(f"Port {text} on {host} cannot be used ({error.strerror}); choose another: make run PORT=8001")
    return int(text), host


def wait_until_up(supervisor: Supervisor, address: str) -> None:
    while not supervisor.stopping:
        supervisor.listen(0.05)
        supervisor.look_after()
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2)
        except urllib.error.HTTPError:
            return  # it answers; worker and tick show themselves in a moment
        except OSError:
            continue
        else:
            return


def main() -> None:
    port, host = port_and_host()
    set_up()
    held = hold_data(alone=False)
    if held is None:
        stop("The data is being reset; try again in a moment.")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        call(PYTHON, "-m", "tools.prepare", told)
        lines = told.read_text("utf-8")
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else shown}:{port}"
    server = [str(PYTHON.parent / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port)]
    server += ["--workers", str(min(os.cpu_count() or 1, 4)), "--blocking-threads", "4", "--no-ws"]
    server += ["--respawn-failed-workers", "--workers-kill-timeout", "8", "--log-level", "warning"]
    manage = [str(PYTHON), "manage.py"]
    supervisor = Supervisor(
        [
            Child("server", [*server, "config.wsgi:application"]),
            Child("worker", [*manage, "work"]),
            Child("tick", [*manage, "tick", "--every", "60"]),
        ]
    )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.ask_to_stop)
    try:
        wait_until_up(supervisor, address)
        if not supervisor.stopping:
            say(f"\n  Shipshape 单单对  {address}\n{lines.replace('{address}', address)}\n  Ctrl-C stops it.\n")
        while not supervisor.stopping:
            supervisor.listen(0.5)
            supervisor.look_after()
    finally:
        supervisor.stop()
    say("Stopped.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
