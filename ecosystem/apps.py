from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EcosystemConfig(AppConfig):
    name = "ecosystem"
    verbose_name = "Ecosystem"

    def ready(self):
        """Every commit of content tells the listeners; importing a module is what makes it one."""
        from ecosystem import changes, journal, roles, search  # noqa: F401

        journal.connect()
        # Behind auth, which makes the permissions at the same signal and was ready first.
        post_migrate.connect(roles.make_groups, sender=self, dispatch_uid="make-groups")
