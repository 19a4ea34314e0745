from django.urls import path

from compliance import views

app_name = "compliance"
urlpatterns = [
    path("", views.matrix, name="matrix"),
    path("export/", views.export, name="export"),
    path("remind/", views.remind, name="remind"),
    path("people/<id:pk>/", views.person, name="person"),
    path("people/<id:pk>/remind/", views.remind_person, name="remind_person"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/compare/", views.ledger_compare, name="ledger_compare"),
    path("ledger/<str:chain>/verify/", views.ledger_verify, name="ledger_verify"),
    path("ledger/<str:chain>/export/", views.ledger_export, name="ledger_export"),
    path("ledger/<str:chain>/<id:seq>/", views.ledger_entry, name="ledger_entry"),
]
