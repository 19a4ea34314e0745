"""The product's WSGI application; one path is answered before Django's middleware: the bare floor."""

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

from bench.floors import FILLING, one_row  # noqa: E402


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ.get("PATH_INFO") != "/bench/bare/":
        return django(environ, start)
    start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [f"<!doctype html><p>{one_row(1)}</p><p>{FILLING}</p>".encode()]
