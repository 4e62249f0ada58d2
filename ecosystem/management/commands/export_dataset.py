from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from ecosystem.dataset import export
from hubportal import statistics


class Command(BaseCommand):
    help = "Writes everything that is public into files that /data/ offers: a ZIP and a SQLite database."

    def add_arguments(self, parser):
        parser.add_argument(
            "--directory", type=Path, default=settings.DATASET_DIR, help="Default: DATASET_DIR."
        )

    def handle(self, *args, directory, verbosity, **options):
        # Nightly, and about to read all there is: the time to see how the tables have grown.
        statistics.refresh()
        for file in export(directory)["files"]:
            if verbosity:
                self.stdout.write(f"{file['sha256']}  {directory / file['name']}")
