from django.urls import path

from duties import views

app_name = "duties"
urlpatterns = [
    path("", views.today, name="today"),
    path("duties/history/", views.history, name="history"),
    path("duties/<int:pk>/", views.duty_open, name="duty_open"),
    path("duties/<int:pk>/record/", views.duty_detail, name="duty_detail"),
    path("duties/<int:pk>/claim/", views.duty_claim, name="duty_claim"),
    path("duties/<int:pk>/release/", views.duty_release, name="duty_release"),
    path("duties/<int:pk>/reassign/", views.duty_reassign, name="duty_reassign"),
    path("duties/<int:pk>/waive/", views.duty_waive, name="duty_waive"),
    path("employees/<int:pk>/leave/", views.employee_leave, name="employee_leave"),
]
