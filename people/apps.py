from django.apps import AppConfig

from kernel import sentences


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        sentences.speak()
