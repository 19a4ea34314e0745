from django.urls import path

from people.views import account, employees, first, places, rosters, saved

app_name = "people"
urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("again/<str:key>/", account.resume, name="resume"),
    path("language/", account.set_language, name="set_language"),
    path("theme/", account.set_theme, name="set_theme"),
    path("me/", account.me, name="me"),
    path("me/notice/", account.notice, name="notice"),
    path("me/password/", account.change_password, name="change_password"),
    path("me/pin/", account.set_pin, name="set_pin"),
    path("first-administrator/", first.first_administrator, name="first_administrator"),
    path("first-administrator/place/", first.first_place, name="first_place"),
    path("views/", saved.view_save, name="view_save"),
    path("views/<id:pk>/remove/", saved.view_remove, name="view_remove"),
    path("check-in/", rosters.check_in, name="check_in"),
    path("roster/", rosters.roster_home, name="roster_home"),
    path("roster/<id:pk>/", rosters.team_roster, name="roster_week"),
    path("roster/<id:pk>/day/", rosters.roster_day, name="roster_day"),
    path("roster/<id:pk>/copy/", rosters.roster_copy, name="roster_copy"),
    path("admin/", places.admin_home, name="admin_home"),
    path("admin/<str:kind>/new/", places.place_edit, name="place_new"),
    path("admin/<str:kind>/<id:pk>/", places.place_edit, name="place_edit"),
    path("employees/", employees.employee_list, name="employee_list"),
    path("employees/new/", employees.employee_new, name="employee_new"),
    path("employees/<id:pk>/", employees.employee_detail, name="employee_detail"),
    path("employees/<id:pk>/edit/", employees.employee_edit, name="employee_edit"),
    path("employees/<id:pk>/password/", employees.employee_reset_password, name="employee_reset_password"),
    path("employees/<id:pk>/reactivate/", employees.employee_reactivate, name="employee_reactivate"),
    path("employees/<id:pk>/role/", employees.membership_new, name="membership_new"),
    path("memberships/<id:pk>/end/", employees.membership_end, name="membership_end"),
]
