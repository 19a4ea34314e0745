"""Language by cookie; the viewer's scope and zone; sign-in where it is missing; what a service refuses."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import is_valid_path, reverse
from django.utils import timezone, translation

from kernel.errors import Refused
from people.actor import Actor
from people.requests import HttpRequest
from people.resending import keep_form
from people.scope import scope_of

PRIVATE = "no-store, private"  # “back” on a shared phone shows nothing of whoever signed out
GetResponse = Callable[[HttpRequest], HttpResponse]

# What a person may open before having read the notice and set a password of their own.
FIRST_PAGES = frozenset(
    f"people:{name}" for name in ("sign_in", "sign_out", "notice", "change_password", "set_language", "set_theme")
) | {"healthz"}


class LanguageMiddleware:
    """Chinese unless the language cookie says English; the browser's own wish is not asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.codes = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wish = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = wish if wish in self.codes else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


class PlainAddressMiddleware:
    """No row has a NUL in its text, and PostgreSQL takes none in a question: such an address is a bad request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or any("\0" in each for row in request.GET.lists() for each in (row[0], *row[1])):
            raise BadRequest
        return self.get_response(request)


class ViewerMiddleware:
    """`request.scope`: what the viewer reaches; `request.actor`: the viewer as who acts. Times are shown in the
    viewer's site's zone. No answer to a viewer is stored, by the browser or on the way.

    A viewer who has not read the notice, or whose password was given by somebody else, sees those pages first.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.scope = scope_of(request.user)
        request.actor = Actor(request.user, request.scope)
        with timezone.override(ZoneInfo(request.scope.zone)):
            response = self.get_response(request)
        if "X-Viewer" in request.headers:  # by this a phone tells our answer from that of something on the way
            response.headers["X-Viewer"] = str(request.user.pk)
        response.headers["Cache-Control"] = PRIVATE
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        viewer = request.user
        if viewer.is_authenticated and request.headers.get("X-Viewer", str(viewer.pk)) != str(viewer.pk):
            return HttpResponse(status=401)  # kept on a phone by somebody else: only they can send it
        if not viewer.is_authenticated or (viewer.notice_read_at and not viewer.must_change_password):
            return None
        if request.resolver_match is None or request.resolver_match.view_name in FIRST_PAGES:
            return None
        first = "people:change_password" if viewer.must_change_password else "people:notice"
        if request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse(first)})
        following = "?" + urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return redirect(reverse(first) + following)


class SignInRequired(LoginRequiredMiddleware):
    """Every page needs a signed-in viewer unless it says otherwise.

    A fragment is answered 401: the page signs in in place and sends it again. A form posted after the session ran out
    is kept, and comes back filled after sign-in.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponse]
    ) -> HttpResponse:
        if request.htmx:
            return HttpResponse(status=401)
        if request.method in ("GET", "HEAD"):
            following = request.get_full_path()
        else:
            key = keep_form(request)
            following = reverse("people:resume", args=[key]) if key else resolve_url(settings.LOGIN_REDIRECT_URL)
        return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': following})}")


def address_above(path: str) -> str:
    """The nearest address above that leads to a page; in the end Today."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            break
    return path


class RefusalMiddleware:
    """What a service refuses is answered with its sentence: a page, or a fragment for htmx, with the error's status.

    A form that is refused comes back under the address it was sent to. Opened anew (reloaded from the address bar, a
    tab restored, the language changed) that address leads a browser to the page above it, where the form stands.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_opened = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_opened:
            return redirect(address_above(request.path))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        template = "_refused.html" if request.htmx else "refused.html"
        return render(request, template, {"sentence": str(exception)}, status=exception.status)
