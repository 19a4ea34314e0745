from django.apps import AppConfig


class StarterConfig(AppConfig):
    name = "starter"
