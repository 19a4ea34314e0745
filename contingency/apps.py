from django.apps import AppConfig


class ContingencyConfig(AppConfig):
    name = "contingency"
