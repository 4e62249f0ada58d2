"""All of a database as fixtures, which is how it goes from SQLite to PostgreSQL and back."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command

from ecosystem import journal
from ecosystem.dataset import export
from ecosystem.models import Change, Company
from hubportal.environment import BASE_DIR
from tests.builders import build, populate


def commands_of_the_manual():
    """{file: arguments} of dumpdata in deploy/README.md, in the order in which loaddata gets them."""
    text = (BASE_DIR / "deploy" / "README.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"manage\.py dumpdata -o (\S+) (.*)", text))
    assert f"manage.py loaddata {' '.join(found)}\n" in text
    return {file.removeprefix("var/"): arguments.split() for file, arguments in found.items()}


@pytest.mark.django_db(transaction=True)
def test_dump_into_an_empty_database_gives_the_same_exports(tmp_path):
    populate(2)
    # The builders write some rows in bulk, of which the change log has not heard yet.
    keys = {model: model.objects.values_list("pk", flat=True) for model in journal.CONTENT}
    journal.tell({model: dict.fromkeys(found, journal.NOT_KNOWN) for model, found in keys.items()})
    editor = get_user_model().objects.create_superuser("editor", password="x" * 12)
    editor.groups.set(Group.objects.all())
    build(Company, "withdrawn", state="withdrawn", withdrawal_reason="Gone.")
    before, changes = export(tmp_path / "before"), Change.objects.count()
    commands = commands_of_the_manual()
    for file, arguments in commands.items():
        call_command("dumpdata", *arguments, output=str(tmp_path / file), verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    assert not Company.objects.exists()
    call_command("loaddata", *(tmp_path / file for file in commands), verbosity=0)
    assert export(tmp_path / "after") == before
    for file in (tmp_path / "before").iterdir():
        assert (tmp_path / "after" / file.name).read_bytes() == file.read_bytes()
    assert Change.objects.count() == changes > 0
    editor = get_user_model().objects.get()
    assert editor.check_password("x" * 12)
    assert editor.groups.count() == Group.objects.count() > 0
