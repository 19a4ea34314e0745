"""The frame around every page: head, navigation, bars, switches.

Its pieces are rendered once per language, theme, set of pages and current page, and kept by the process; what differs
from one request to the next stands in them as a mark and is filled in.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

PIECES = ("head", "side", "top", "bottom")
MARKS = {name: f"\ue000{name}\ue001" for name in ("csrf_token", "here", "viewer", "initial")}


@dataclass(frozen=True)
class NavigationPage:
    label: str
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class NavigationGroup:
    label: str
    pages: list[NavigationPage]


@dataclass(frozen=True)
class Navigation:
    groups: list[NavigationGroup]
    bottom: list[NavigationPage]


def frame(context: dict[str, Any]) -> dict[str, str]:
    """The pieces for this request by name, its language and its theme."""
    request: HttpRequest | None = context.get("request")
    scope = getattr(request, "scope", None)
    pages = (
        () if scope is None else tuple(p.url_name for group in _navigation() for p in group.pages if p.is_for(scope))
    )
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    name = str(user) if signed_in else ""
    language, theme = get_language() or "", theme_wish(request)
    current = _longest_prefix([_page_url(p) for p in pages], request.path if request else "")
    pieces = _pieces(language, theme, pages, current, signed_in, bool(getattr(user, "has_unread", False)))
    filling = {
        "csrf_token": str(context.get("csrf_token", "")),
        "here": escape(request.get_full_path()) if request else "/",
        "viewer": escape(name),
        "initial": escape(name[:1]),
    }
    filled = {piece: _filled(text, filling) for piece, text in pieces.items()}
    return {**filled, "language": "en" if language == "en" else "zh-Hans", "theme": theme}


def theme_wish(request: HttpRequest | None) -> str:
    """ "light" or "dark" where the viewer chose one, else "": the device decides."""
    wish = request.COOKIES.get("theme", "") if request else ""
    return wish if wish in ("light", "dark") else ""


def _filled(text: str, filling: dict[str, str]) -> SafeString:
    for name, value in filling.items():
        text = text.replace(MARKS[name], value)
    return mark_safe(text)  # the pieces are templates' output, the values are escaped


@lru_cache(maxsize=1024)
def _pieces(
    language: str, theme: str, pages: tuple[str, ...], current: str, signed_in: bool, has_unread: bool
) -> dict[str, str]:
    given = {
        **MARKS,
        "language_now": language,
        "theme": theme,
        "signed_in": signed_in,
        "has_unread": has_unread,
        "nav": _shown(pages, current),
    }
    return {piece: render_to_string(f"frame/{piece}.html", given).strip() for piece in PIECES}


def _shown(pages: tuple[str, ...], current: str) -> Navigation:
    """The pages that the viewer may open, in groups, and the bottom bar; settings.NAVIGATION names the data."""

    def page(p: Any, label: Any) -> NavigationPage:
        url = _page_url(p.url_name)
        return NavigationPage(str(label), p.icon, url, url == current)

    groups = [(g, [p for p in g.pages if p.url_name in pages and _page_url(p.url_name)]) for g in _navigation()]
    placed = sorted((p for _, shown in groups for p in shown if p.place), key=lambda p: p.place)
    return Navigation(
        groups=[NavigationGroup(str(g.label), [page(p, p.label) for p in shown]) for g, shown in groups if shown],
        bottom=[page(p, p.short or p.label) for p in placed],
    )


def _longest_prefix(urls: list[str], path: str) -> str:
    fitting = [u for u in urls if u and (path == u or (u != "/" and path.startswith(u)))]
    return max(fitting, key=len, default="")


@cache
def _navigation() -> Any:
    return import_string(settings.NAVIGATION)


@cache
def _page_url(url_name: str) -> str:
    """The page's address; "" while no room offers it."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
