from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.db import Error, connection

from hubportal import backups, content_log


class Command(BaseCommand):
    help = (
        "Puts a backup in the place of the database, after checking it, while the site runs or not. "
        "Then run migrate, if the backup is of an earlier release."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="A file that `backup` wrote, its checksum beside it.")
        parser.add_argument(
            "--overwrite", action="store_true", help="Lose what is in the database now. Without it: refuse."
        )

    def handle(self, *, file, overwrite, **options):
        try:
            backups.restore(connection, file, overwrite)
        except (backups.BackupError, Error, OSError) as problem:
            raise CommandError(str(problem)) from None
        # Pages that processes keep, and their indexes, are of the database that was there before.
        content_log.append(None)
        self.stdout.write(f"Restored from {file}.")
