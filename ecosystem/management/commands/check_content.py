"""Says where published content breaks a rule; for editors before they publish, and for CI."""

from django.core.management import BaseCommand, CommandError

from ecosystem.content import Content
from ecosystem.content_checks import findings


class Command(BaseCommand):
    help = "Check sources, columns, links and lengths of what is published; fail if anything is found."

    def handle(self, **options):
        content = Content()
        found = list(findings(content))
        for finding in found:
            self.stdout.write(": ".join(finding))
        counts = f"{len(content.records)} records, {len(content.statements)} statements, "
        counts += f"{len(content.sources)} sources checked: "
        if found:
            raise CommandError(f"{counts}{len(found)} finding{'s' * (len(found) > 1)}")
        self.stdout.write(f"{counts}no finding")
