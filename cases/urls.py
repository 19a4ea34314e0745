from django.urls import path

from cases import views

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="case_list"),
    path("export.csv", views.case_export, name="case_export"),
    path("export.xlsx", views.case_workbook, name="case_workbook"),
    path("new/", views.case_new, name="case_new"),
    path("many/", views.case_many, name="case_many"),
    path("<int:pk>/", views.case_detail, name="case_detail"),
    path("<int:pk>/take/", views.case_take, name="case_take"),
    path("<int:pk>/assign/", views.case_assign, name="case_assign"),
    path("<int:pk>/note/", views.case_note, name="case_note"),
    path("<int:pk>/contact/", views.case_contact, name="case_contact"),
    path("<int:pk>/status/", views.case_status, name="case_status"),
    path("<int:pk>/resolve/", views.case_resolve, name="case_resolve"),
    path("<int:pk>/close/", views.case_close, name="case_close"),
    path("<int:pk>/reopen/", views.case_reopen, name="case_reopen"),
    path("<int:pk>/statement/", views.case_statement, name="case_statement"),
    path("<int:pk>/responsible/", views.case_responsible, name="case_responsible"),
    path("stations/", views.station_list, name="station_list"),
    path("stations/new/", views.station_edit, name="station_new"),
    path("stations/<int:pk>/", views.station_edit, name="station_edit"),
    path("retraining/", views.retraining, name="retraining"),
    path("retraining/<int:pk>/end/", views.retraining_end, name="retraining_end"),
    path("contacts/<int:pk>/", views.follow_up, name="follow_up"),
    path("contacts/<int:pk>/done/", views.follow_up_complete, name="follow_up_complete"),
]
