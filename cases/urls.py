from django.urls import path

from cases.views import cases, learning, stations

app_name = "cases"
urlpatterns = [
    path("", cases.case_list, name="case_list"),
    path("export.csv", cases.case_export, name="case_export"),
    path("export.xlsx", cases.case_workbook, name="case_workbook"),
    path("new/", cases.case_new, name="case_new"),
    path("many/", cases.case_many, name="case_many"),
    path("<int:pk>/", cases.case_detail, name="case_detail"),
    path("<int:pk>/take/", cases.case_take, name="case_take"),
    path("<int:pk>/assign/", cases.case_assign, name="case_assign"),
    path("<int:pk>/note/", cases.case_note, name="case_note"),
    path("<int:pk>/contact/", cases.case_contact, name="case_contact"),
    path("<int:pk>/status/", cases.case_status, name="case_status"),
    path("<int:pk>/resolve/", cases.case_resolve, name="case_resolve"),
    path("<int:pk>/close/", cases.case_close, name="case_close"),
    path("<int:pk>/reopen/", cases.case_reopen, name="case_reopen"),
    path("<int:pk>/statement/", learning.case_statement, name="case_statement"),
    path("<int:pk>/responsible/", learning.case_responsible, name="case_responsible"),
    path("stations/", stations.station_list, name="station_list"),
    path("stations/new/", stations.station_edit, name="station_new"),
    path("stations/<int:pk>/", stations.station_edit, name="station_edit"),
    path("retraining/", learning.retraining, name="retraining"),
    path("retraining/<int:pk>/end/", learning.retraining_end, name="retraining_end"),
    path("contacts/<int:pk>/", cases.follow_up, name="follow_up"),
    path("contacts/<int:pk>/done/", cases.follow_up_complete, name="follow_up_complete"),
]
