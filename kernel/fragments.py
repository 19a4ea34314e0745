"""Whether a request asks for a part of a page, `if request.htmx`: decided here, so that Back shows whole pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class FragmentDetails(HtmxDetails):
    """What htmx says of a request; false for one by which it restores a page of the history: that is a whole page."""

    def __bool__(self) -> bool:
        return super().__bool__() and not self.history_restore_request


class FragmentMiddleware:
    """`request.htmx` for every view and middleware behind it. A page and its part have one address: caches keep them
    apart."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.htmx = FragmentDetails(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        return response
