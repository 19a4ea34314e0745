"""Template vocabulary that every page may use."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from kernel import clock
from kernel.text import localized

register = template.Library()
register.filter("localized", localized)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks to screen readers, without it is silent."""
    href = _sprite() + "#" + name
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


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


@register.filter
def moment(value: datetime | None) -> str:
    """A moment as people write it: «16:40» today, «11月22日 16:40» this year, with the year otherwise."""
    if value is None:
        return ""
    local, here = timezone.localtime(value), timezone.localtime(clock.now())
    time = date_format(local, "TIME_FORMAT")
    if local.date() == here.date():
        return time
    day = date_format(local, "MONTH_DAY_FORMAT" if local.year == here.year else "DATE_FORMAT")
    return f"{day} {time}"


@register.filter
def percent(value: float | None) -> str:
    """0.981 → «98 %»; nothing known → «–»."""
    return "–" if value is None else f"{value * 100:.0f} %"


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


@register.simple_tag
def upload_limit_mb() -> int:
    return settings.UPLOAD_MAX_MB
