"""From a fresh clone to a site that answers: database, content, files, an editor, a server."""

import os
import secrets
import socket
import sys

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections, transaction
from django.test.utils import override_settings

from ecosystem import dataset
from ecosystem.models import Company
from ecosystem.roles import CHIEF_EDITOR
from hubportal.environment import BASE_DIR

# In this order each file finds what it points to.
FIXTURES = (
    "sectors",
    "places",
    "sources",
    "institutions",
    "companies",
    "breakthroughs",
    "challenges",
    "factors",
    "collections",
    "hubs",
    "statements",
)
EDITOR = "editor"


class Command(BaseCommand):
    help = "Set up what is missing (database, content, files, an editor) and serve the site."

    def add_arguments(self, parser):
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="Where to serve.")
        parser.add_argument("--no-serve", dest="serve", action="store_false", help="Set up only.")

    def handle(self, *, bind, serve, **options):
        host, port = address(bind)
        if serve:
            check_free(host, port)
        self.stdout.write("Setting up; this takes some seconds.")
        call_command("migrate", verbosity=0)
        self.load_content()
        call_command("collectstatic", verbosity=0, interactive=False)
        self.make_editor()
        make_dataset(f"http://{bind}")
        if serve:
            self.serve(bind)

    def load_content(self):
        """Load the shipped content into an empty database; one that has companies is somebody's work."""
        if Company.objects.exists():
            self.stdout.write("Content: already in the database, kept as it is.")
            return
        # One command is one transaction: interrupted, it leaves nothing, and the next run loads all.
        call_command("loaddata", *FIXTURES, verbosity=0)
        self.stdout.write(f"Content: {Company.objects.count()} companies and all that belongs to them.")

    def make_editor(self):
        """Make a chief editor with a password of its own, which is shown this one time."""
        users = get_user_model().objects
        if users.filter(username=EDITOR).exists():
            self.stdout.write(
                f"Editor:  {EDITOR} exists. To set a new password: uv run manage.py changepassword {EDITOR}"
            )
            return
        password = secrets.token_urlsafe(12)
        with transaction.atomic():
            editor = users.create_user(EDITOR, password=password, is_staff=True)
            editor.groups.add(Group.objects.get(name=CHIEF_EDITOR))
        self.stdout.write(f"Editor:  name {EDITOR}, password {password} (shown this once)")

    def serve(self, bind):
        """Say where the site is, and let gunicorn take the place of this process."""
        site = f"http://{bind}"
        # Links in feeds and in the site map follow the address, unless somebody has set it.
        os.environ.setdefault("SITE_URL", site)
        self.stdout.write(f"Site:    {site}/\nEditing: {site}/admin/\nStop with Ctrl-C.")
        self.stdout.flush()
        connections.close_all()
        config = str(BASE_DIR / "deploy" / "gunicorn.conf.py")
        arguments = ["-m", "gunicorn", "hubportal.wsgi", "--config", config, "--bind", bind]
        # The command line is this file's own, and `bind` has been checked.
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # nosec B606


def make_dataset(site):
    """Make the files that /data/ offers, unless they are there. Their links name the site as it is served."""
    address = {} if "SITE_URL" in os.environ else {"SITE_URL": site}
    with override_settings(**address):
        if not dataset.is_current():
            call_command("export_dataset", verbosity=0)


def address(bind):
    """Split HOST:PORT; an IPv6 host stands in brackets."""
    host, colon, port = bind.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise CommandError(f"--bind is {bind!r}. Give a host and a port, like 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def check_free(host, port):
    """Stop before anything is done if gunicorn could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: a port that closed a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CommandError(
                f"Cannot serve on {host} port {port}: {problem.strerror}. "
                "If something else runs there, stop it, or choose another port: "
                f"uv run manage.py quickstart --bind 127.0.0.1:{port + 1 if port < 65535 else 8000}"
            ) from problem
