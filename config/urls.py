"""Which room answers under which path."""

from django.urls import include, path, register_converter

from config.health import healthz
from kernel.ids import IdConverter

register_converter(IdConverter, "id")
handler500 = "config.failing.broken"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("duties.urls")),
    path("", include("people.urls")),
    path("notices/", include("notifications.urls")),
    path("training/", include("training.urls")),
    path("orders/", include("orders.urls")),
    path("cases/", include("cases.urls")),
    path("plans/", include("contingency.urls")),
    path("checks/", include("checklists.urls")),
    path("compliance/", include("compliance.urls")),
]
