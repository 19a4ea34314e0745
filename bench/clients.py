"""Users of the server: requests over kept connections, timed one by one, and the server's processor time."""

import http.client
import math
import os
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

CLOCK = os.sysconf("SC_CLK_TCK")


@dataclass
class Timings:
    """Milliseconds of each request, and what the server used for all of them."""

    each: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_ms: float = 0.0

    @property
    def p50(self) -> float:
        return median(self.each)

    def percentile(self, share: float) -> float:
        return sorted(self.each)[math.ceil(len(self.each) * share) - 1]

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu_ms / len(self.each)


class User:
    """Somebody signed in, on one kept connection."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = uuid.uuid4().hex
        self.cookie = f"sessionid={session}; csrftoken={self.token}"

    def get(self, path: str) -> bytes:
        return self._send("GET", path, None, {})

    def post(self, path: str, fields: dict[str, str]) -> bytes:
        body = urlencode(fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.token,
            "HX-Request": "true",
        }
        return self._send("POST", path, body, headers)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> bytes:
        self.connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        response = self.connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:300]!r}")
        return content


def cpu_ms(pids: list[int]) -> float:
    """Processor time of these processes so far, in user and kernel mode."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks * 1000 / CLOCK


def children_of(pid: int) -> list[int]:
    """A process and all below it."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").iterdir():
            todo += [int(child) for child in (task / "children").read_text().split()]
    return found


Work = Callable[[User], object]


def measure(users: list[User], works: dict[str, Work], rounds: int, pids: list[int]) -> dict[str, Timings]:
    """Each work `rounds` times by every user, the works in turn in blocks of ten, so that a slow moment hits all."""
    timings = {name: Timings() for name in works}
    for user in users:
        for work in works.values():
            work(user)
    for block in range(0, rounds, 10):
        for name, work in works.items():
            _run_block(users, work, min(10, rounds - block), pids, timings[name])
    return timings


def _run_block(users: list[User], work: Work, times: int, pids: list[int], into: Timings) -> None:
    def run(user: User) -> None:
        for _ in range(times):
            began = time.perf_counter()
            work(user)
            into.each.append((time.perf_counter() - began) * 1000)

    used, began = cpu_ms(pids), time.perf_counter()
    threads = [threading.Thread(target=run, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.seconds += time.perf_counter() - began
    into.cpu_ms += cpu_ms(pids) - used


def cold_weight(port: int, session: str, path: str) -> tuple[int, int]:
    """Bytes on the wire and number of requests of a page that a browser has nothing of yet."""
    seen, todo, size = set(), [path], 0
    while todo:
        address = todo.pop(0)
        if address in seen:
            continue
        seen.add(address)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", address, headers={"Cookie": f"sessionid={session}", "Accept-Encoding": "br, gzip"})
        response = connection.getresponse()
        body = response.read()
        size += len(body) + sum(len(k) + len(v) + 4 for k, v in response.getheaders())
        if address == path:
            plain = User(port, session).get(path).decode()
            todo += re.findall(r'(?:src|href)="(/static/[^"#]+)', plain)
    return size, len(seen)
