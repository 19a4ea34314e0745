"""Template vocabulary that every page may use."""

import json
import re
import uuid
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from kernel import clock
from kernel.frame import frame
from kernel.text import listed, localized, sentence
from kernel.widgets import filter_field

CODE = re.compile(r"\b[A-Z]+(?:-\d+)+")

register = template.Library()
register.simple_tag(frame, takes_context=True)
register.simple_tag(filter_field)
register.filter("listed", listed)
register.filter("localized", localized)
register.filter("sentence", sentence)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks to screen readers, without it is silent."""
    href = _sprite() + "#" + name
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_tag
def new_key() -> str:
    """A key for one form, so that sending it twice is once."""
    return str(uuid.uuid4())


@cache
def _sprite() -> str:
    return staticfiles_storage.url("icons.svg")


@register.filter
def time_left(moment: datetime | None) -> str:
    """«25 min left», «3 h left», «40 min over»: how far a due moment is, in the largest fitting unit."""
    if moment is None:
        return ""
    minutes = round((moment - clock.now()).total_seconds() / 60)
    amount = abs(minutes)
    if amount < 60:
        size = ngettext("%(n)d min", "%(n)d min", amount) % {"n": amount}
    elif amount < 48 * 60:
        size = ngettext("%(n)d h", "%(n)d h", amount // 60) % {"n": amount // 60}
    else:
        size = ngettext("%(n)d day", "%(n)d days", amount // 1440) % {"n": amount // 1440}
    return gettext("%(size)s left") % {"size": size} if minutes >= 0 else gettext("%(size)s over") % {"size": size}


_there: ContextVar[str] = ContextVar("there", default="")


class ClockOf(template.Node):
    """Renders what it holds by the clock of a zone: what `moment` and `dated` write in it, in its includes too."""

    def __init__(self, zone: FilterExpression, nodelist: NodeList) -> None:
        self.zone, self.nodelist = zone, nodelist

    def render(self, context: Context) -> str:
        token = _there.set(self.zone.resolve(context, ignore_failures=True) or "")
        try:
            return self.nodelist.render(context)
        finally:
            _there.reset(token)


@register.tag
def clock_of(parser: Parser, token: Token) -> ClockOf:
    """`{% clock_of case.shop.site.zone %}…{% endclock_of %}`; base.html puts a page under that of its `clock_zone`."""
    zone = parser.compile_filter(token.split_contents()[1])
    nodelist = parser.parse(("endclock_of",))
    parser.delete_first_token()
    return ClockOf(zone, nodelist)


@register.filter
def moment(value: datetime | None, zone: str = "") -> str:
    """A moment as people write it: «16:40» today, «11月22日 16:40» this year, with the year otherwise. With the zone of
    the site that it belongs to (or inside of `clock_of`): by the clock there, which is named where the viewer's shows
    another time."""
    if value is None:
        return ""
    zone = zone or _there.get()
    there = ZoneInfo(zone) if zone else None
    local, here = timezone.localtime(value, there), timezone.localtime(clock.now(), there)
    time = _time_of(local, zone)
    if local.date() == here.date():
        return time
    day = date_format(local, "MONTH_DAY_FORMAT" if local.year == here.year else "DATE_FORMAT")
    return f"{day} {time}"


@register.filter
def dated(value: datetime | None) -> str:
    """A moment with its day, today's too."""
    if value is None:
        return ""
    zone = _there.get()
    local = timezone.localtime(value, ZoneInfo(zone) if zone else None)
    return f"{date_format(local, 'DATE_FORMAT')} {_time_of(local, zone)}"


def _time_of(local: datetime, zone: str) -> str:
    """The time of day, with the place whose clock shows it where the viewer's shows another."""
    time = date_format(local, "TIME_FORMAT")
    return f"{time} ({clock.place_of(zone)})" if zone and clock.differs(zone, local) else time


@register.filter
def percent(value: float | None) -> str:
    """0.981 → «98 %»; nothing known → «–»."""
    return "–" if value is None else f"{value * 100:.0f} %"


@register.filter
def unbroken(text: str) -> SafeString:
    """A text whose codes (C-2026-000123) each stay in one line."""
    return mark_safe(CODE.sub(r'<span class="text-nowrap">\g<0></span>', escape(text)))


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with some parameters changed; None or "" drops one."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return "?" + params.urlencode() if params else "?"


@register.simple_tag(takes_context=True)
def hidden_query(context: dict[str, Any], *without: str) -> SafeString:
    """The present query string as hidden fields of a form that asks with more; a template's own `request.GET.items` is
    whatever the address says that `items` is."""
    kept = ((name, value) for name, value in context["request"].GET.items() if name not in without)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag(takes_context=True)
def sort_head(
    context: dict[str, Any], key: str, label: str, *, falls: bool = False, default: bool = False
) -> SafeString:
    """The head of a column that `?sort=` sorts by: pressed once in its own direction, pressed again turned around."""
    now = context["request"].GET.get("sort", "") or (key if default else "")
    ways = [f"-{key}", key] if falls else [key, f"-{key}"]
    state = {key: "ascending", f"-{key}": "descending"}.get(now)
    return format_html(
        '<th scope="col" class="col-{}"{}><a href="{}">{}</a></th>',
        *(key, format_html(' aria-sort="{}"', state) if state else ""),
        *(query(context, sort=ways[now == ways[0]], page=None), label),
    )


@register.filter
def same_site(url: str, request: HttpRequest) -> str:
    """The address if it is one of ours, else the front page: for "back" links made of a Referer."""
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else "/"


@register.simple_tag
def filters_chosen(form: BaseForm) -> int:
    """How many fields of a filter form, beside the first, differ from what they start with."""
    fields = form.visible_fields()[1:]
    return sum(bool(form.data.get(f.html_name)) and form.data.get(f.html_name) != str(f.initial or "") for f in fields)


@register.simple_tag
def upload_limit_mb() -> int:
    return settings.UPLOAD_MAX_MB


class Capture(template.Node):
    """Renders what it holds into a variable, so that a block's text can be shown twice."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: Context) -> str:
        context[self.name] = self.nodelist.render(context).strip()
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> Capture:
    """`{% capture "name" %}…{% endcapture %}`."""
    name = token.split_contents()[1].strip("\"'")
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return Capture(name, nodelist)
