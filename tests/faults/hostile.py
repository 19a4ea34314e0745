"""What a reader does that a file has taken over, run in a sandbox by the tests beside this."""

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path


class Panic(BaseException):
    """As a native library's: no Exception."""


def greet(_content: bytes) -> Iterator[bytes]:
    yield b"hello"


def abort(_content: bytes) -> Iterator[bytes]:
    ctypes.CDLL(None).abort()
    yield b""


def swallow(_content: bytes) -> Iterator[bytes]:
    yield bytes(10**9)


def spin(_content: bytes) -> Iterator[bytes]:
    while True:
        pass
    yield b""


def sleep(_content: bytes) -> Iterator[bytes]:
    time.sleep(60)
    yield b""


def babble(_content: bytes) -> Iterator[bytes]:
    while True:
        yield bytes(10**6)


def panic(_content: bytes) -> Iterator[bytes]:
    raise Panic
    yield b""


def write(_content: bytes, folder: str) -> Iterator[bytes]:
    try:
        (Path(folder) / "mine").write_bytes(b"x")
    except OSError:
        yield b"no"


def read_environment(_content: bytes, folder: str) -> Iterator[bytes]:
    yield b"yes" if "SECRET_KEY" in os.environ or "DATABASE_URL" in os.environ else b"no"


def open_many(_content: bytes, folder: str) -> Iterator[bytes]:
    try:
        kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(200)]
    except OSError:
        yield b"no"
    else:
        yield str(len(kept)).encode()
