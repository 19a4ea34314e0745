"""What a page and an answer cost at least: the same settings, middleware, server and database, and next to no work."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

TABLE = "CREATE TABLE IF NOT EXISTS bench_floor (id INTEGER PRIMARY KEY{auto}, at VARCHAR(40), text VARCHAR(200))"
FILLING = "订单检查 order check 1234567890 " * 200  # about 8 kB; with the frame of base.html the page has 9 and more


def make_table() -> None:
    auto = "" if connection.vendor == "sqlite" else " GENERATED ALWAYS AS IDENTITY"
    with connection.cursor() as cursor:
        cursor.execute(TABLE.format(auto=auto))


def one_row(pk: int) -> str:
    """One query over an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM people_employee WHERE id = %s", [pk])
        row = cursor.fetchone()
    return row[0] if row else ""


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "bench/floor.html", {"name": one_row(request.user.pk), "filling": FILLING})


@require_POST
def insert(request: HttpRequest) -> HttpResponse:
    """A signed-in POST with one INSERT, committed as durably as an answer is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (at, text) VALUES (%s, %s)", [str(timezone.now()), "ok"])
    return HttpResponse("ok")
