"""What is answered where something broke: a page of its own, which needs neither database nor session."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from kernel.disk import disk_trouble


def broken(request: HttpRequest) -> HttpResponse:
    """500; where the disk is full or can only be read, 507 and a sentence that says so."""
    trouble = disk_trouble(sys.exc_info()[1])
    if trouble is None:
        return server_error(request)
    if request.headers.get("HX-Request"):
        return render(request, "_refused.html", {"sentence": str(trouble)}, status=trouble.status)
    return render(request, "507.html", status=trouble.status)
