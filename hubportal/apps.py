from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class HubportalConfig(AppConfig):
    name = "hubportal"

    def ready(self):
        # Connects their receivers.
        from hubportal import audit, gate  # noqa: F401

        if settings.SENTRY_DSN:
            start_reports()


def start_reports():
    """The library is an extra: without it the start stops, for nobody would miss reports that never come."""
    try:
        from hubportal.reports import start
    except ModuleNotFoundError as problem:
        raise ImproperlyConfigured('SENTRY_DSN is set. Install the extra "sentry" too.') from problem
    start(settings.SENTRY_DSN)
