from django.apps import AppConfig
from django.conf import settings


class HubportalConfig(AppConfig):
    name = "hubportal"

    def ready(self):
        # Connects their receivers.
        from hubportal import audit, gate  # noqa: F401

        if settings.SENTRY_DSN:
            from hubportal.reports import start

            start(settings.SENTRY_DSN)
