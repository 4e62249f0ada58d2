from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import Error, connection

from hubportal import backups


class Command(BaseCommand):
    help = "Copies the whole database into a dated file, checks the copy, and deletes the oldest ones."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--directory", type=Path, default=settings.BACKUP_DIR, help="Default: BACKUP_DIR."
        )
        parser.add_argument("--keep", type=int, default=14, help="How many backups to keep. Default: 14.")

    def handle(self, *, directory, keep, **options):
        if keep < 1:
            raise CommandError("--keep has to be at least 1.")
        try:
            path = backups.make(connection, directory, keep)
        except (backups.BackupError, Error, OSError) as problem:
            raise CommandError(f"No backup was made: {problem}") from None
        self.stdout.write(f"{path}")
