from django.core.management.base import BaseCommand

from ecosystem.search import reindex


class Command(BaseCommand):
    help = "Build the search index anew, after rows were changed past Django or a restore."

    def handle(self, **options):
        self.stdout.write(f"Indexed {reindex()} rows.")
