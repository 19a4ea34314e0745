from django.urls import URLPattern

app_name = "contingency"
urlpatterns: list[URLPattern] = []
