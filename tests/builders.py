"""Small valid rows for tests. Every argument can be overridden; sources and statements come only when asked for."""

import itertools
from datetime import timedelta

from django.utils import timezone

from ecosystem.models import Source, Statement

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
