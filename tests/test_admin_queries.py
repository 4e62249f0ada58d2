"""No page of the admin asks the database more than its budget, nor more for fifteen rows than for three."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Change, Correction, Place, Sector, Source, Statement
from ecosystem.whole import state_of
from tests.admin_pages import MOST_QUERIES
from tests.builders import build_correction, build_user, populate
from tests.test_queries import count
from tests.test_roles import OF_NO_ROW, model_pages

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 15
# What is nobody's to add or to delete; and a page that takes posted data alone.
CLOSED = {(Authenticator, "add"), (Change, "add"), (Change, "delete"), (Correction, "add")}


def fill(number):
    """{model: a row that has as much around it as any}; of everything there are `number` rows."""
    rows = populate(number)
    found = {model: rows[model._meta.model_name][0] for model in (*RECORDS, Sector, Place, Source)}
    firm = rows["company"][0]
    found[Statement] = firm.statements.first()
    for n in range(number):
        correction = build_correction(firm, "open", statement=found[Statement], contact="me")
        user, group = build_user("Reviewer"), Group.objects.create(name=f"Group {n}")
        factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    found |= {Correction: correction, User: user, Group: group, Authenticator: factor}
    found[Change] = changes(number, found, user)
    return found


def changes(number, rows, user):
    """A history of each record, and of as many records that were deleted; the last row of the first."""
    written = []
    for model, row in rows.items():
        if model not in (*RECORDS, Sector, Place, Source):
            continue
        state = state_of(model, row.pk)
        for n in range(number):
            common = {"kind": model._meta.model_name, "slug": "a", "at": timezone.now(), "user": user}
            whole = state | {"name" if "name" in state else "title": f"Version {n}"}
            written += [Change(object_id=row.pk, action="changed", whole=whole, **common)]
            written += [Change(object_id=10**6 + n, action="deleted", whole=whole, **common)]
    return Change.objects.bulk_create(written)[0]


def autocompletes():
    """The addresses that boxes of relations ask, one for each relation of a form."""
    for model, model_admin in admin.site._registry.items():
        for name in getattr(model_admin, "get_autocomplete_fields", lambda request: ())(None):
            app, noun = model._meta.app_label, model._meta.model_name
            query = f"app_label={app}&model_name={noun}&field_name={name}&term=a"
            yield f"{reverse('admin:autocomplete')}?{query}"


def addresses(rows):
    yield from [reverse("admin:index"), reverse("editors-help"), reverse("coverage")]
    yield from autocompletes()
    for model, page, name in model_pages():
        if page == "process_import" or (model, page) in CLOSED:
            continue
        address = reverse(name, args=[] if page in OF_NO_ROW else [rows[model].pk])
        yield address
        if page == "changelist":
            yield f"{address}?q=a"
        if page == "merge":
            other = model.objects.exclude(pk=rows[model].pk)[0]
            yield f"{address}?other={other.pk}"
        if page == "history" and (model in RECORDS):
            pair = Change.objects.filter(kind=model._meta.model_name, object_id=rows[model].pk)[:2]
            yield f"{address}?a={pair[1].pk}&b={pair[0].pk}"
    for record in (rows[model] for model in RECORDS):
        yield reverse("preview", args=[record._meta.model_name, record.pk])


def costs(client, number):
    """[(address, queries)]. Two runs have the same order, but other keys in their addresses."""
    rows = fill(number)
    user = build_user()
    # A superuser's rights are not asked for, and cost no query.
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    found = []
    for address in addresses(rows):
        ContentType.objects.clear_cache()
        found.append((address, count(client, address)))
    return found


def test_admin_page_costs_the_same_for_any_number_of_rows(client):
    measured = []
    for number in (FEW, MANY):
        with transaction.atomic():
            measured.append(costs(client, number))
            transaction.set_rollback(True)
    few, many = measured
    assert len(many) > 100
    assert [cost for cost in many if cost[1] > MOST_QUERIES] == []
    assert [pair for pair in zip(few, many, strict=True) if pair[0][1] != pair[1][1]] == []
