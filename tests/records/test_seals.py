"""Kinds of entries are registered once; what nobody registered, or has another shape, is not sealed."""

import pytest
from django.utils.translation import gettext_lazy as _

from records.models import LedgerEntry
from records.seals import KINDS, UnknownKind, register
from records.services import append_entry

pytestmark = pytest.mark.django_db
COPIED = {"monday": "2026-11-23", "days": 5}


def seal(kind: str, payload: dict) -> None:
    append_entry(chain="site:1", kind=kind, actor="employee:7", subject="team:1", payload=payload)


def test_kind_that_no_room_registered_is_not_sealed() -> None:
    with pytest.raises(UnknownKind):
        seal("roster.burnt", COPIED)
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("payload", [{}, {"monday": "2026-11-23"}, {**COPIED, "name": "陈梅"}, {**COPIED, "days": "5"}])
def test_payload_of_another_shape_is_not_sealed(payload: dict) -> None:
    with pytest.raises(ValueError, match=r"roster\.copied"):
        seal("roster.copied", payload)
    assert not LedgerEntry.objects.exists()


def test_a_kind_is_registered_once() -> None:
    known = dict(KINDS)
    with pytest.raises(ValueError, match=r"roster\.copied"):
        register("orders", _("orders and imports"), nouns={}, kinds={"roster.copied": (_("roster copied"), {})})
    assert known == KINDS
