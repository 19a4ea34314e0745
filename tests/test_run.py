"""`make run` before anything is set up: what it says when it cannot start; and that a dead program is started again."""

import os
import signal
import socket
import subprocess
import sys
import time

from django.conf import settings

from tools.run import Child, Supervisor


def run(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tools.run"],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_port_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run(PORT=port, HOST="127.0.0.1")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and port in done.stderr


def test_port_that_is_no_port_is_said_in_one_line() -> None:
    for text in ("80a", "0", "70000"):
        done = run(PORT=text)
        assert done.returncode == 1 and done.stderr == f"PORT is “{text}”; it takes a number from 1 to 65535.\n"


def turn(supervisor: Supervisor, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        supervisor.listen(0.05)
        supervisor.look_after()


def test_program_that_dies_is_started_again_and_nothing_is_left_behind() -> None:
    child = Child("worker", [sys.executable, "-c", "import time; time.sleep(60)"], wait=0.1)
    supervisor = Supervisor([child])
    turn(supervisor, 0.3)
    first = child.process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    turn(supervisor, 0.8)
    second = child.process
    assert second is not None and second.pid != first.pid and second.poll() is None
    supervisor.stop()
    assert second.poll() is not None
