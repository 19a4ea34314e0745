"""The product's URLs, and the floors under bench/."""

from django.urls import include, path

from bench import floors

urlpatterns = [
    path("bench/page/", floors.page),
    path("bench/insert/", floors.insert),
    path("", include("config.urls")),
]
