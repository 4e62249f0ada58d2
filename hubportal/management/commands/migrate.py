from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections

from hubportal import statistics


class Command(migrate.Command):
    help = f"{migrate.Command.help} Makes the file of a SQLite database that has none: nothing else does."

    def handle(self, *args, database, **options):
        path = getattr(connections[database], "path", lambda: None)()
        if path:
            try:
                path.touch(mode=0o600)
            except OSError as problem:
                raise CommandError(f"Cannot make the database {path}: {problem.strerror}.") from None
        super().handle(*args, database=database, **options)
        if path:
            # SQLite changes a column by making its table anew, and what it knew of the old one is lost.
            statistics.refresh(database)
