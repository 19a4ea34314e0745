"""A form posted after the session ran out: kept in the anonymous session, offered to be sent again after sign-in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel import clock

SLOT = "kept_forms"
MOST_FORMS = 3
MOST_FIELDS = 300
MOST_CHARACTERS = 60_000
KEPT_FOR = timedelta(hours=1)
SECRET_WORDS = ("password", "pin", "token")
LABELS: dict[str, str | Promise] = {
    "note": _("Note"),
    "reason": _("Reason"),
    "name": _("Name"),
    "title": _("Title"),
    "value": _("Answer"),
    "text": _("Text"),
    "comment": _("Comment"),
    "order": _("Order number"),
    "waybill": _("Waybill"),
    "quantity": _("Quantity"),
    "person": _("Person"),
    "promise": _("Promise"),
}


@dataclass(frozen=True)
class KeptField:
    name: str
    value: str
    label: str  # empty: sent along unseen (ids, switches, keys)

    @property
    def is_long(self) -> bool:
        return "\n" in self.value or len(self.value) > 60


@dataclass(frozen=True)
class KeptForm:
    path: str
    fields: list[KeptField]
    files: list[str]

    @property
    def has_text(self) -> bool:
        return any(field.label for field in self.fields)


def keep_form(request: HttpRequest) -> str | None:
    """Keeps what was posted, without files and secrets. Returns its key, or None when it is too large to keep."""
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not any(word in name.lower() for word in SECRET_WORDS)
    ]
    if len(pairs) > MOST_FIELDS or sum(len(name) + len(value) for name, value in pairs) > MOST_CHARACTERS:
        return None
    key = secrets.token_urlsafe(12)
    kept = {k: v for k, v in request.session.get(SLOT, {}).items() if _is_fresh(v)}
    kept = dict(list(kept.items())[-(MOST_FORMS - 1) :])
    kept[key] = {
        "path": request.get_full_path(),
        "fields": pairs,
        "files": sorted(request.FILES),
        "at": clock.now().isoformat(),
    }
    request.session[SLOT] = kept
    return key


def kept_form(request: HttpRequest, key: str) -> KeptForm | None:
    """The form kept under a key of this session, while it is fresh."""
    row = request.session.get(SLOT, {}).get(key)
    if row is None or not _is_fresh(row):
        return None
    fields = [KeptField(name, value, _label(name, value)) for name, value in row["fields"]]
    return KeptForm(row["path"], fields, row["files"])


def drop_form(request: HttpRequest, key: str) -> None:
    kept = request.session.get(SLOT, {})
    if kept.pop(key, None) is not None:
        request.session[SLOT] = kept


def _is_fresh(row: dict[str, Any]) -> bool:
    return clock.now() - datetime.fromisoformat(row["at"]) < KEPT_FOR


def _label(name: str, value: str) -> str:
    """What a person typed is shown, and may be mended; what the page put there is sent along."""
    word = name.rsplit("-", 1)[-1].lower()
    if word in LABELS:
        return str(LABELS[word])
    is_typed = (bool(value) and not value.isascii()) or " " in value.strip() or "\n" in value
    return gettext("What you entered") if is_typed else ""
