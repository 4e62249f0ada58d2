from django.core.management.base import BaseCommand, CommandError

from ecosystem.models import RECORDS, Source
from ecosystem.samples import PREFIX, make
from hubportal import statistics


class Command(BaseCommand):
    help = "Fill the database with an invented hub, to try the portal out at any size or to measure it."

    def add_arguments(self, parser):
        parser.add_argument("--companies", type=int, default=100, metavar="N", help="How many. Default: 100.")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="S", help="One seed always makes the same hub. Default: 1."
        )
        parser.add_argument(
            "--beside-content", action="store_true", help="Add the samples to a database that has content."
        )

    def handle(self, *, companies, seed, beside_content, **options):
        if companies < 1:
            raise CommandError(f"--companies is {companies}. Give a number from 1 on.")
        if Source.objects.filter(key__startswith=PREFIX).exists():
            raise CommandError(
                "There is a sample in this database already. Make another in a fresh database."
            )
        if not beside_content and any(model.objects.exists() for model in (*RECORDS, Source)):
            raise CommandError(
                "This database has content, among which nobody wants invented companies. "
                "Set DATABASE_URL to an empty database, or say --beside-content if you mean this one."
            )
        made = make(companies, seed)
        statistics.refresh()
        for model, number in made.items():
            self.stdout.write(f"{number:>9,} {model._meta.verbose_name_plural}")
