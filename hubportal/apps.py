from django.apps import AppConfig


class HubportalConfig(AppConfig):
    name = "hubportal"

    def ready(self):
        # Connects their receivers.
        from hubportal import audit, gate  # noqa: F401
