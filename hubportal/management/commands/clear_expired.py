from django.core.management import BaseCommand, call_command

from hubportal.shared_cache import forget_expired


class Command(BaseCommand):
    help = "Deletes what has run out: sessions of editors, and entries of the cache in the database."

    def handle(self, **options):
        call_command("clearsessions")
        forget_expired()
