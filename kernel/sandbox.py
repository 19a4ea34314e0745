"""Where files from outside are opened: in processes of their own, with little memory, little time and nothing to write.

Native readers of pictures and workbooks abort, ask for all memory or never end when a file is made for it. Here that
ends one process, which is started anew; whoever sent the file is told. What such a process answers is bytes, never
objects: it is believed as little as the file.
"""

import atexit
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent
MB = 1024**2
LARGEST_FRAME = 32 * MB
WALL = 5  # seconds on the wall for each of the processor's, on a busy machine
START = 60  # seconds on the wall
PATIENCE = 20.0  # seconds that a caller waits for its turn
JOBS = 500  # of one process, which then ends
HEAD = struct.Struct(">cI")  # what a frame is, its length
ASKED = struct.Struct(">II")  # the length of the question, of the content


class Unopened(Exception):
    """A file was not read within its bounds: `str()` is "memory", "time", "output" or "crash". Callers tell the sender
    in words that fit the file."""


class Busy(Refused):
    status = 503
    sentence = _("Too many files are being opened at the moment. Try again in a minute.")


class Sandbox:
    """Up to `most` processes for one kind of file, started when they are needed and kept for the next file.

    `memory` and `output` are megabytes, `seconds` the processor's; with `nice` they give way to what people wait for.
    """

    def __init__(self, *, memory: int, seconds: float, output: int, most: int, nice: int = 0) -> None:
        self.memory, self.seconds, self.output, self.most, self.nice = memory, seconds, output, most, nice
        self._begin()
        os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.close)

    def _begin(self) -> None:
        self._turns = threading.BoundedSemaphore(self.most)
        self._idle: list[_Process] = []

    def close(self) -> None:
        """Ends the processes that wait for work."""
        while self._idle:
            self._idle.pop().end()

    def answer(self, function: str, content: bytes = b"", **said: Any) -> bytes:
        return b"".join(self.run(function, content, **said))

    def run(self, function: str, content: bytes = b"", *, seconds: float = 0, **said: Any) -> Iterator[bytes]:
        """What a generator of bytes yields there. `function` is module:name, `said` what JSON can hold. Raises the
        Refused that it raised, Unopened, Busy."""
        if not self._turns.acquire(timeout=PATIENCE):
            raise Busy
        try:
            yield from self._run(function, content, seconds or self.seconds, said)
        finally:
            self._turns.release()

    def _run(self, function: str, content: bytes, seconds: float, said: dict[str, Any]) -> Iterator[bytes]:
        process = self._a_process()
        is_sound = False
        try:
            frames = process.frames({"function": function, "seconds": seconds, "said": said}, content, seconds * WALL)
            read = 0
            for kind, frame in frames:
                if kind == b"d":
                    read += len(frame)
                    if read > self.output * MB:
                        raise Unopened("output")
                    yield frame
                    continue
                is_sound = True
                if kind == b"r":
                    raise _refusal(frame)
                if kind == b"x":
                    reason, trace = json.loads(frame)
                    logger.warning("%s could not open a file (%s): %s", function, reason, trace)
                    is_sound = False  # its memory may be spoilt
                    raise Unopened("memory" if reason == "memory" else "crash")
        except (OSError, EOFError) as error:
            reason = "time" if isinstance(error, TimeoutError) or process.is_out_of_time() else "crash"
            logger.warning("%s could not open a file: %s (%s)", function, reason, error)
            raise Unopened(reason) from None
        finally:
            if is_sound and process.jobs < JOBS:
                self._idle.append(process)
            else:
                process.end()

    def _a_process(self) -> "_Process":
        while True:
            try:
                process = self._idle.pop()
            except IndexError:
                return _Process(self.memory, self.nice)
            if process.is_alive():
                return process
            process.end()


class _Process:
    """One process behind a socket. It knows none of our secrets: its environment is empty."""

    def __init__(self, memory: int, nice: int) -> None:
        self.jobs = 0
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kernel.sandboxed", str(memory), str(nice)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            )
        self._line.settimeout(START)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def is_out_of_time(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            return -self._process.wait(1) == 24  # SIGXCPU
        return False

    def frames(self, question: dict[str, Any], content: bytes, seconds: float) -> Iterator[tuple[bytes, bytes]]:
        """(kind, bytes) until the last: d, data; r, refused; x, failed; e, the end."""
        if self.jobs == 0 and not self._line.recv(1):
            raise EOFError("it did not start")
        self.jobs += 1
        until = time.monotonic() + seconds
        text = json.dumps(question).encode()
        self._line.settimeout(seconds)
        self._line.sendall(ASKED.pack(len(text), len(content)) + text)
        self._line.sendall(content)
        kind = b"d"
        while kind == b"d":
            kind, length = HEAD.unpack(self._read(HEAD.size, until))
            if length > LARGEST_FRAME:
                raise OSError("a frame too large")
            yield kind, self._read(length, until)

    def _read(self, length: int, until: float) -> bytes:
        got = bytearray()
        while len(got) < length:
            self._line.settimeout(max(0.001, until - time.monotonic()))
            if not (some := self._line.recv(min(length - len(got), MB))):
                raise EOFError("it ended")
            got += some
        return bytes(got)

    def end(self) -> None:
        self._process.kill()
        self._line.close()
        self._process.wait()


def _refusal(frame: bytes) -> Refused:
    """The refusal that was raised there; only one that is known here."""
    said = json.loads(frame)
    kinds = [Refused]
    for kind in kinds:
        if f"{kind.__module__}.{kind.__qualname__}" == said["kind"]:
            return kind(**{str(name): str(value) for name, value in said["details"].items()})
        kinds += kind.__subclasses__()
    raise Unopened("crash")
