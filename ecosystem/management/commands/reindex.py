from django.core.management.base import BaseCommand

from ecosystem.search import reindex
from hubportal import content_log, statistics


class Command(BaseCommand):
    help = "Build anew what is derived from content, after rows were changed past Django or a restore."

    def handle(self, **options):
        self.stdout.write(f"Indexed {reindex()} rows.")
        statistics.refresh()
        content_log.append(None)
