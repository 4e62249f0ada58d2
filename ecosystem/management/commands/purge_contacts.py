from django.core.management.base import BaseCommand

from ecosystem.corrections import purge_contacts
from ecosystem.models import Correction


class Command(BaseCommand):
    help = (
        "Delete the contacts that readers left with reports, some time after the report came in, and the "
        "counters of senders of past days. Meant to run daily: the form promises it."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--days",
            type=int,
            default=Correction.CONTACT_DAYS,
            help=f"Age of a report in days from which its contact goes. Default: {Correction.CONTACT_DAYS}.",
        )

    def handle(self, *, days, **options):
        self.stdout.write(f"Contacts deleted: {purge_contacts(days)}.")
