"""Signing in and out, the notice, password, PIN, language, theme, and what is mine."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kernel import clock
from kernel.forms import status_of, told_in
from people import services
from people.forms import NewPasswordForm, PinForm, SignInForm
from people.limits import remember_device
from people.models import Employee
from people.requests import HttpRequest
from people.resending import drop_form, kept_form
from people.selectors import current_memberships, shift_now

THEMES = ("auto", "light", "dark")
YEAR = 60 * 60 * 24 * 365


def safe_next(request: HttpRequest) -> str:
    """Where to go on afterwards: `next` when it is a path of this host, else Today."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if is_ours and wish.startswith("/") else resolve_url(settings.LOGIN_REDIRECT_URL)


def set_choice_cookie(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if request.user.is_authenticated and not request.htmx:
            return redirect(safe_next(request))
        if not Employee.objects.exists():
            return redirect("people:first_administrator")
        return _sign_in_page(request, SignInForm())
    form = SignInForm(request.POST)
    employee = authenticate(request, **form.cleaned_data) if form.is_valid() else None
    if not isinstance(employee, Employee):
        if form.is_valid():
            form.add_error(
                None, _("Number and password do not fit. Check both. Forgotten? An administrator resets it.")
            )
        return _sign_in_page(request, form, status=422)
    login(request, employee)
    request.session.set_expiry(None)  # the anonymous session may have kept a form, for an hour only
    response: HttpResponse = redirect(safe_next(request))
    if request.htmx:
        response = HttpResponse(status=204, headers={"HX-Trigger": "signed-in"})
    set_choice_cookie(response, settings.LANGUAGE_COOKIE_NAME, employee.language)
    remember_device(request, response, employee)
    return response


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    template = "people/_sign_in.html" if request.htmx else "people/sign_in.html"
    return render(request, template, {"form": form, "next": safe_next(request)}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """With `next`, somebody else signs in here (a badge's number and a PIN) and goes on at that page."""
    onward = safe_next(request) if "next" in request.POST else ""
    logout(request)
    if onward:
        return redirect(f"{resolve_url('people:sign_in')}?{urlencode({'next': onward})}")
    messages.success(request, _("You are signed out."))
    return redirect("people:sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """The form that was posted when the session had run out, to be sent again; POST throws it away."""
    kept = kept_form(request, key)
    if request.method == "POST":
        drop_form(request, key)
        messages.info(request, _("What was entered has been thrown away."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    if kept is None:
        raise Http404
    return render(request, "people/resume.html", {"kept": kept, "key": key})


@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest) -> HttpResponse:
    """What is recorded about a person and why; acknowledged once, readable always."""
    if request.method == "POST":
        services.acknowledge_notice(actor=request.actor)
        return redirect(safe_next(request))
    return render(request, "people/notice.html", {"next": safe_next(request)})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        with told_in(form, "password"):
            employee = services.change_password(actor=request.actor, password=form.cleaned_data["password"])
            update_session_auth_hash(request, employee)
            messages.success(request, _("The new password holds from now on."))
            return redirect(safe_next(request))
    context = {"form": form, "next": safe_next(request)}
    return render(request, "people/change_password.html", context, status=status_of(form))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_pin(request: HttpRequest) -> HttpResponse:
    form = PinForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        with told_in(form, "pin"):
            employee = services.set_pin(actor=request.actor, pin=form.cleaned_data["pin"])
            update_session_auth_hash(request, employee)
            messages.success(request, _("Your PIN is set. It signs you in like the password does."))
            return redirect("people:me")
    return render(request, "people/set_pin.html", {"form": form}, status=status_of(form))


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    response = redirect(safe_next(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        set_choice_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            services.choose_language(actor=request.actor, language=language)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    response = redirect(safe_next(request))
    if request.POST.get("theme") in THEMES:
        set_choice_cookie(response, "theme", request.POST["theme"])
    return response


@require_http_methods(["GET", "HEAD"])
def me(request: HttpRequest) -> HttpResponse:
    scope = request.scope
    return render(
        request,
        "people/me.html",
        {
            "memberships": current_memberships(request.user, on=clock.today(scope.zone)),
            "now": shift_now(
                employee_id=scope.employee_id, site_id=scope.shift_site_id, zone=scope.zone, at=clock.now()
            ),
            "theme": request.COOKIES.get("theme", "auto"),
            "languages": settings.LANGUAGES,
        },
    )
