import sys

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules


class RecordsConfig(AppConfig):
    name = "records"

    def ready(self) -> None:
        autodiscover_modules("seals", "restoring")
        if sys.modules["records.restoring"].is_unfinished() and sys.argv[1:2] != ["restore"]:
            raise ImproperlyConfigured("A restore was interrupted. Finish it: manage.py restore --finish")
