"""The process in which files from outside are opened, see `kernel/sandbox.py`. Started as `python -m kernel.sandboxed
<megabytes> <nice>` with a socket for its input, and ends with it."""

import json
import os
import resource
import socket
import struct
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from kernel.errors import Refused

HEAD, ASKED = struct.Struct(">cI"), struct.Struct(">II")
PIECE = 16 * 1024**2
OPEN_FILES = 64


def bound(megabytes: int, nice: int) -> None:
    """What holds until the process ends: memory, open files, nothing written, no core; the first to go where the
    machine itself runs out of memory."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    os.nice(nice)
    for kind, limit in (
        (resource.RLIMIT_AS, megabytes * 1024**2),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system knows every bound
            resource.setrlimit(kind, (limit, limit))


def bound_time(seconds: float) -> None:
    """This job's share of the processor, beyond what earlier ones took."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def read(line: socket.socket, length: int) -> bytes:
    got = bytearray()
    while len(got) < length:
        if not (some := line.recv(min(length - len(got), PIECE))):
            sys.exit(0)
        got += some
    return bytes(got)


def send(line: socket.socket, kind: bytes, content: bytes) -> None:
    line.sendall(HEAD.pack(kind, len(content)))
    line.sendall(content)


def answer(line: socket.socket, question: dict[str, Any], content: bytes) -> None:
    try:
        bound_time(question["seconds"])
        module, _, name = question["function"].partition(":")
        for piece in getattr(import_module(module), name)(content, **question["said"]):
            for at in range(0, len(piece), PIECE):
                send(line, b"d", piece[at : at + PIECE])
    except Refused as refusal:
        kind = f"{type(refusal).__module__}.{type(refusal).__qualname__}"
        send(line, b"r", json.dumps({"kind": kind, "details": refusal.details}).encode())
    except MemoryError:
        send(line, b"x", json.dumps(["memory", ""]).encode())
    except BaseException:  # a panic of a native reader is no Exception
        send(line, b"x", json.dumps(["crash", traceback.format_exc()[-2000:]]).encode())
    else:
        send(line, b"e", b"")


def main() -> None:
    bound(int(sys.argv[1]), int(sys.argv[2]))
    line = socket.socket(fileno=0)
    line.sendall(b"\n")
    while True:
        asked, length = ASKED.unpack(read(line, ASKED.size))
        question = json.loads(read(line, asked))
        answer(line, question, read(line, length))


if __name__ == "__main__":
    main()
