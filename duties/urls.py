from django.urls import path

from duties import views

app_name = "duties"
urlpatterns = [
    path("", views.today, name="today"),
    path("duties/history/", views.history, name="history"),
    path("duties/<id:pk>/", views.duty_open, name="duty_open"),
    path("duties/<id:pk>/record/", views.duty_detail, name="duty_detail"),
    path("duties/<id:pk>/claim/", views.duty_claim, name="duty_claim"),
    path("duties/<id:pk>/release/", views.duty_release, name="duty_release"),
    path("duties/<id:pk>/reassign/", views.duty_reassign, name="duty_reassign"),
    path("duties/<id:pk>/waive/", views.duty_waive, name="duty_waive"),
    path("employees/<id:pk>/leave/", views.employee_leave, name="employee_leave"),
]
