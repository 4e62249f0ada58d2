from django.core.management import BaseCommand, call_command

from ecosystem.models import Opening
from hubportal.shared_cache import forget_expired


class Command(BaseCommand):
    help = "Deletes what has run out: sessions of editors, notes of who has a form open, the cache's entries."

    def handle(self, **options):
        call_command("clearsessions")
        Opening.objects.forget_past()
        forget_expired()
