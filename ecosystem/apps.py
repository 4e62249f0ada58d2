from django.apps import AppConfig


class EcosystemConfig(AppConfig):
    name = "ecosystem"
    verbose_name = "Ecosystem"

    def ready(self):
        """Every commit of content tells the listeners; importing a module is what makes it one."""
        from ecosystem import changes, journal, search  # noqa: F401

        journal.connect()
