"""Choosing a shop, in forms of any room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.fields import row_field
from people.models import Shop
from people.scope import Scope


def offer_seen_shops(form: forms.Form, scope: Scope) -> None:
    """A filter by shop, where the viewer sees more than one."""
    shops = Shop.objects.filter(scope.at_shops("pk")).order_by("name")
    row_field(form, "shop").queryset = shops
    if len(shops) < 2:
        del form.fields["shop"]


def offer_all_shops(form: forms.BaseForm, scope: Scope) -> None:
    """All shops at once are an administrator's to choose."""
    field = row_field(form, "shop")
    field.required, field.empty_label = (False, _("all shops")) if scope.is_administrator else (True, None)
