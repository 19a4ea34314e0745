"""The measuring itself, in a process that knows the database: sessions, statements, the table."""

import os
import subprocess
import sys
import threading
import time
import uuid
from datetime import timedelta
from io import BytesIO
from itertools import cycle
from typing import Any

import django
from django.conf import settings

from people.actor import Actor

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.clients import Timings, User, children_of, cold_weight, measure  # noqa: E402
from bench.floors import make_table  # noqa: E402
from checklists.models import Checklist, Run  # noqa: E402
from checklists.services import start_run  # noqa: E402
from duties.models import Beat  # noqa: E402
from duties.workers import WORKER  # noqa: E402
from kernel import clock  # noqa: E402
from orders.models import Import  # noqa: E402
from orders.services import Upload, confirm_import, create_import  # noqa: E402
from people.models import Employee, Role, Shop  # noqa: E402
from records.models import Reaction  # noqa: E402
from starter.demo.files import moved_files  # noqa: E402

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")
HEAD = ("", "p50 1 user", "×", "p50 8 users", "×", "req/s", "CPU ms", "SQL")


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def signed_in(employee: Employee, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(employee, backend="people.backends.NumberBackend")
    return client


def session_of(employee: Employee) -> str:
    return signed_in(employee).cookies[settings.SESSION_COOKIE_NAME].value


def a_run(lead: Employee, shop: Shop) -> Run:
    """An open run, started by the lead."""
    return start_run(
        checklist=Checklist.objects.get(slug="morning-order-check"),
        site=shop.site,
        shop=shop,
        shift=None,
        due_at=clock.now() + timedelta(hours=3),
        actor=Actor.of(lead),
        client_id=uuid.uuid4(),
    )


def report(size: int, rounds: int) -> None:
    """Prints the table of one database with so many people."""
    make_table()
    port, pids = int(os.environ["BENCH_PORT"]), children_of(int(os.environ["BENCH_PID"]))
    lead, admin = Employee.objects.get(name="王建国", number="1002"), Employee.objects.get(is_administrator=True)
    run = a_run(lead, Shop.objects.get(code="yunqi"))  # the shop with orders: its figures are live
    elsewhere = Shop.objects.exclude(site=run.site_id).select_related("site").earliest("id")
    other = Employee.objects.filter(memberships__site=elsewhere.site_id, memberships__role=Role.LEAD).earliest("id")
    runs = [a_run(other, elsewhere) for _ in range(60)]
    items = list(run.version.items.filter(slug__in=["holds", "scanner"]))
    paths = cycle([f"/checks/{r.pk}/items/{item.pk}/" for r in runs for item in items])
    answer_path = next(paths)

    def answer(user: User) -> bytes:
        """A passing tick; many runs in turn, as on a floor, so that none gets a history longer than life's."""
        return user.post(next(paths), {"value": "pass", "client_id": str(uuid.uuid4()), "answered_at": ""})

    pages = {"Today": "/", "open run": f"/checks/{run.pk}/"}
    works: dict[str, Any] = {
        "bare floor": lambda user: user.get("/bench/bare/"),
        "floor, page": lambda user: user.get("/bench/page/"),
        **{name: (lambda user, path=path: user.get(path)) for name, path in pages.items()},
    }
    answers: dict[str, Any] = {"floor, answer": lambda user: user.post("/bench/insert/", {}), "answer": answer}
    sessions = [session_of(lead) for _ in range(8)]
    others = [session_of(other) for _ in range(8)]
    one = measure([User(port, sessions[0])], works, rounds, pids)
    one |= measure([User(port, others[0])], answers, rounds, pids)
    eight = measure([User(port, s) for s in sessions], works, rounds, pids)
    eight |= measure([User(port, s) for s in others], answers, rounds, pids)
    admins = [session_of(admin) for _ in range(8)]
    matrix = {"floor, matrix": works["floor, page"], "matrix": lambda user: user.get("/compliance/")}
    one |= measure([User(port, admins[0])], matrix, max(20, rounds // 2), pids)
    eight |= measure([User(port, s) for s in admins], matrix, max(20, rounds // 4), pids)
    sql = {
        "floor, page": statements(lead, "/bench/page/"),
        "Today": statements(lead, "/"),
        "open run": statements(lead, pages["open run"]),
        "floor, answer": statements(other, "/bench/insert/", {}),
        "answer": statements(other, answer_path, {"value": "pass", "client_id": str(uuid.uuid4()), "answered_at": ""}),
        "matrix": statements(admin, "/compliance/"),
    }
    floors = {"answer": "floor, answer", "matrix": "floor, matrix", "Today": "floor, page", "open run": "floor, page"}
    print(f"\n{connection.vendor}, {size} people")
    line(HEAD)
    for name in one:
        floor = floors.get(name)
        line(
            (
                name,
                f"{one[name].p50:.1f} ms",
                f"{one[name].p50 / one[floor].p50:.1f}" if floor else "",
                f"{eight[name].p50:.1f} ms",
                f"{eight[name].p50 / eight[floor].p50:.1f}" if floor else "",
                f"{eight[name].per_second:.0f}",
                f"{one[name].cpu_each:.1f}",
                str(sql.get(name, "")),
            )
        )
    weight, requests = cold_weight(port, sessions[0], "/")
    print(f"cold page (Today): {weight / 1000:.0f} kB on the wire, {requests} requests")
    during_import(port, others, answer)


def statements(who: Employee, path: str, sent: dict[str, str] | None = None) -> int:
    """SQL statements of a warm request, session and user included, transaction control not."""
    client = signed_in(who, **({"HX-Request": "true"} if sent is not None else {}))
    settings.ALLOWED_HOSTS = ["*"]
    for turn in range(2):
        given = {**(sent or {}), **({"client_id": str(uuid.uuid4())} if sent and turn else {})}
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path) if sent is None else client.post(path, given)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")
    return sum(not query["sql"].startswith(CONTROL) for query in captured.captured_queries)


def during_import(port: int, sessions: list[str], answer: Any) -> None:
    """Answers of eight users, two a second each, while a worker imports and compares 3,000 orders with their sides."""
    uploads = [Upload(name, len(content), BytesIO(content)) for name, content in moved_files("shanye-csv", clock.now())]
    batch = create_import(
        shop=Shop.objects.get(code="shanye"), uploads=uploads, actor=Actor.system("command"), client_id=uuid.uuid4()
    )
    timings, over = Timings(), threading.Event()

    def keep_answering(session: str, offset: float) -> None:
        user = User(port, session)
        time.sleep(offset)
        while not over.is_set():
            began = time.perf_counter()
            answer(user)
            took = time.perf_counter() - began
            timings.each.append(took * 1000)
            time.sleep(max(0.0, 0.5 - took))

    threads = [threading.Thread(target=keep_answering, args=(s, i / 16)) for i, s in enumerate(sessions)]
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not Beat.objects.filter(name__startswith=WORKER).exists():
        time.sleep(0.1)
    os.sync()  # what was seeded lies on the disk, and the worker has started, as on any working day
    time.sleep(2)
    began = time.monotonic()
    for thread in threads:
        thread.start()
    confirm_import(batch=batch, actor=Actor.system("command"))
    while time.monotonic() - began < 180:
        batch.refresh_from_db()
        compared = Reaction.objects.filter(fact__key=f"{batch.ref}:finished", state=Reaction.State.DONE)
        if batch.state == Import.State.FAILED or compared.exists():
            break
        time.sleep(0.2)
    took = time.monotonic() - began
    over.set()
    for thread in threads:
        thread.join()
    worker.terminate()
    worker.wait(20)
    print(
        f"answers during an import of 3,000 orders ({batch.state} in {took:.0f} s): {len(timings.each)} answers, "
        f"p50 {timings.p50:.0f} ms, p99 {timings.percentile(0.99):.0f} ms"
    )


def line(cells: tuple[str, ...]) -> None:
    print(cells[0].ljust(15) + "".join(cell.rjust(13) for cell in cells[1:]))
