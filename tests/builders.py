"""Small valid rows for tests. Every argument can be overridden; only what is asked for is made."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from ecosystem.models import (
    RECORDS,
    Breakthrough,
    Challenge,
    Company,
    Correction,
    Hub,
    Place,
    Sector,
    Source,
    Statement,
)

count = itertools.count(1)


def build(model, slug=None, state="published", many=None, **fields):
    """Save a record of any kind, published since yesterday; `many` sets its many-to-many relations."""
    slug = slug or f"{model._meta.model_name}-{next(count)}"
    defaults = {"name": slug.replace("-", " ").title(), "summary": f"What {slug} is."}
    if hasattr(model, "State"):
        defaults |= {"state": state, "published_at": timezone.now() - timedelta(days=1)}
        if state == "withdrawn":
            defaults["withdrawal_reason"] = "It was a double."
    else:
        defaults = {"name": defaults["name"], "definition": defaults["summary"]}
    row = model.objects.create(slug=slug, **{**defaults, **CHOICES.get(model.__name__, {}), **fields})
    for name, rows in (many or {}).items():
        getattr(row, name).set(rows)
    return row


# What a model asks for beyond the common fields.
CHOICES = {
    "Company": {"hub_link": "headquarters"},
    "Breakthrough": {"kind": "milestone"},
    "Challenge": {
        "category": "talent",
        "severity": "high",
        "severity_reason": "It weighs.",
        "trend": "steady",
        "trend_reason": "It stays.",
    },
    "Factor": {"kind": "driver"},
    "Institution": {"kind": "lab"},
    "Hub": {"country": "China"},
    "Place": {"kind": "district"},
}


def build_user(role=None, name=None, **fields):
    """A member of the staff, in the group of a role if one is named."""
    user = get_user_model().objects.create_user(name or f"user-{next(count)}", is_staff=True, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def build_source(key=None, **fields):
    key = key or f"source-{next(count)}"
    defaults = {
        "url": f"https://example.org/{key}",
        "title": f"Title of {key}",
        "publisher": f"Publisher of {key}",
        "language": "en",
        "kind": "news",
    }
    fields = defaults | fields
    return Source.objects.create(key=key, **{"origin": fields["publisher"]} | fields)


def build_statement(subject, sources=None, **fields):
    """Save a statement about a record, with one source of its own unless `sources` are given."""
    defaults = {"kind": "fact", "key": "founded", "label": "Founded", "text": "2016", "status": "reported"}
    statement = Statement.objects.create(**{subject._meta.model_name: subject}, **{**defaults, **fields})
    statement.sources.set([build_source()] if sources is None else sources)
    return statement


def build_correction(subject, state="accepted", **fields):
    """Save a report about a record; unless it is open, it was decided just now."""
    about = {"kind": subject._meta.model_name, "object_id": subject.pk}
    if state != "open":
        fields = {"reason": "It was so.", "decided_at": timezone.now()} | fields
    return Correction.objects.create(**about, **{"state": state, "wrong": "It is not so."} | fields)


def populate(number=3):
    """A whole small site: `number` records of each kind, and a first of each that is linked with all others.

    Returns {noun: [rows]}. The first record of each kind has statements of every kind.
    """
    rows = {"sector": [build(Sector, f"sector-{n}") for n in range(number)], "place": []}
    rows["source"] = [build_source(f"source-{n}") for n in range(number)]
    for n in range(number):
        inside = rows["place"][0] if n else None
        rows["place"].append(build(Place, f"place-{n}", parent=inside, latitude="30.2", longitude="120.2"))
    for model in RECORDS:
        noun = model._meta.model_name
        rows[noun] = [build(model, f"{noun}-{n}", **extra(model, n, rows)) for n in range(number)]
        for n, row in enumerate(rows[noun]):
            link(row, rows, everything=not n)
    rows["place"][0].sources.set(rows["source"])
    tell(rows, number)
    rows["correction"] = [build_correction(rows["company"][n]) for n in range(number)]
    return rows


def extra(model, n, rows):
    """What makes the n-th row of a model unlike the others."""
    fields = {"name_zh": f"名字{n}", "body": f"Text of **{n}** in 杭州.", "checked_on": date(2026, 1, 1)}
    if model is Company:
        fields |= {
            "founded": f"{2000 + n}-07",
            "other_names": "Old name\n旧名",
            "website": "https://example.org/",
        }
    if model is Breakthrough:
        fields["date"] = f"{2000 + n}"
    if model is Challenge:
        fields["since"] = f"{2000 + n}-01-31"
    if model is Hub:
        fields["is_home"] = not n
    if hasattr(model, "place"):
        fields["place"] = rows["place"][n]
    return fields


def link(row, rows, everything):
    """Tie a record to the first of each kind, or to all of them, in every relation that it has."""
    for field in row._meta.many_to_many:
        noun = field.related_model._meta.model_name
        if noun in rows:
            getattr(row, field.name).set(rows[noun][: None if everything else 1])


# The kinds of statements of which pages show many: in a table, in a list, as a claim and as an answer.
MANY = ("fact", "event", "check", "response")


def tell(rows, number):
    """Make up to `number` statements of each kind about the first record of each kind, few about others.

    Every status is among them, the first two are rivals, and every one rests on the first source too.
    """
    statuses = itertools.cycle(Statement.Status.values)
    statements = Statement.objects.bulk_create(
        Statement(
            **{model._meta.model_name: record},
            kind=kind,
            key=f"{kind}-{max(n, 1)}",
            label=f"Label {n}",
            text=f"Text {n} 说",
            value=n + Decimal("0.5"),
            unit="people",
            date=f"{2000 + n}",
            note="A note.",
            status=next(statuses),
        )
        for model in RECORDS
        for record in rows[model._meta.model_name]
        for kind in Statement.Kind
        if record.slug.endswith("-0") or kind == "fact"
        for n in range(number if record.slug.endswith("-0") and kind in MANY else min(number, 2))
    )
    through = Statement.sources.through
    through.objects.bulk_create(
        through(statement=statement, source=source)
        for n, statement in enumerate(statements)
        for source in {rows["source"][0], rows["source"][n % number]}
    )
