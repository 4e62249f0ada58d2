"""Snapshots of records: taken, told apart in words, and read as records again.

A snapshot holds what readers see: the fields under their names, relations to public rows as natural keys,
and the statements that are shown, with their sources, in the order of the page. Those for editors hold all
that was typed (whole.py).
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.core.serializers import serialize
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from ecosystem.fields import PartialDate
from ecosystem.models import Source, Statement
from ecosystem.wording import told_apart

# Kept by the portal itself: what a save or a robot notes is no change of content.
NOT_CONTENT = {"id", "updated_at"} | {
    field.name for field in Source._meta.fields if field.name.startswith("link_")
}
NOT_PUBLIC = "a record that is not public now"


@dataclass(frozen=True)
class Extent:
    """Which fields of a statement a snapshot leaves out, and which of those in it no difference tells."""

    not_in_statement: frozenset
    untold: frozenset


# Where a record stands in the editors' work is told to readers by the change's action.
READERS = Extent(
    frozenset({*Statement.SUBJECTS, "draft", "position"}),
    frozenset({"state", "withdrawal_reason", "withdraw_at", "reference"}),
)
EDITORS = Extent(frozenset(Statement.SUBJECTS), frozenset({"reference", "position"}))


def fields_of(model, extent=READERS):
    """The fields that a snapshot holds, in the order of the model."""
    left_out = NOT_CONTENT | (extent.not_in_statement if model is Statement else frozenset())
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    # What is not serialized is derived from another field.
    return [field for field in fields if field.serialize and field.name not in left_out]


def fields_as_data(model, rows, extent=READERS):
    """The fields of each row as JSON would hold them; many-to-many relations sorted."""
    relations = [field for field in fields_of(model, extent) if field.is_relation]
    names = [field.name for field in fields_of(model, extent)]
    for row in serialize("python", rows, fields=names, use_natural_foreign_keys=True):
        data = row["fields"]
        for field in relations:
            keys = data[field.name]
            if field.many_to_many:
                data[field.name] = sorted(key for (key,) in keys)
            else:
                # Where the row is not public, newer releases of Django fall back on its primary key.
                data[field.name] = keys[0] if isinstance(keys, tuple) else None
        yield json.loads(json.dumps(data, cls=DjangoJSONEncoder))


def snapshots(model, rows, extent=READERS):
    """Yield (row, snapshot). The rows come with the relations and statements loaded that belong into it."""
    for row, data in zip(rows, fields_as_data(model, rows, extent), strict=True):
        if hasattr(model, "statements") and hasattr(model, "State"):
            data["statements"] = list(fields_as_data(Statement, row.statements.all(), extent))
        yield row, data


@dataclass(frozen=True)
class Difference:
    """What a field said before and after; of a list, what went and what came."""

    label: str
    before: str = ""
    after: str = ""

    @cached_property
    def parts(self):
        """Both texts, each as [(whether the other one lacks it, words)]."""
        return told_apart(self.before, self.after)


def differences(model, before, after, rows=None, extent=READERS):
    """Yield the differences between two snapshots. `rows` (rows_named) gives relations their names."""
    rows = rows or {}
    yield from field_differences(model, before, after, rows, extent)
    old, new = ({row["reference"]: row for row in data.get("statements", ())} for data in (before, after))
    for reference in dict.fromkeys([*old, *new]):
        label = title_of(new.get(reference) or old[reference])
        if reference in old and reference in new:
            pair = old[reference], new[reference]
            yield from field_differences(Statement, *pair, rows, extent, f"{label}, ")
        else:
            yield Difference(label, told(old.get(reference), rows), told(new.get(reference), rows))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield Difference("Order of the statements", after="changed")


def field_differences(model, before, after, rows, extent, prefix=""):
    for field in fields_of(model, extent):
        old, new = before.get(field.name), after.get(field.name)
        if old == new or field.name in extent.untold:
            continue
        if isinstance(field, models.TextField) or field.many_to_many:
            old, new = only_here(field, old, new), only_here(field, new, old)
        label = f"{prefix}{field.verbose_name}" if prefix else capfirst(field.verbose_name)
        words = in_words(field, old, rows), in_words(field, new, rows)
        if any(words):
            yield Difference(label, *words)


def only_here(field, here, there):
    """The items of a list, or the lines of a text, that the other side does not have."""
    if not field.many_to_many:
        here, there = (here or "").splitlines(), (there or "").splitlines()
    return [item for item in here or () if item and item not in (there or ())]


def in_words(field, value, rows):
    """A value as readers know it; nothing for one that is not known."""
    if isinstance(value, list):
        return "\n".join(in_words(field, item, rows) for item in value)
    if value in (None, ""):
        return ""
    if field.is_relation:
        return str(rows.get(field.related_model, {}).get(value, NOT_PUBLIC))
    if field.flatchoices:
        return dict(field.flatchoices).get(value, value)
    return readable(field.to_python(value))


def readable(value):
    match value:
        case bool():
            return "yes" if value else "no"
        case PartialDate():
            return value.readable
        case Decimal():
            return f"{value.normalize():,f}"
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return date_format(value, "DATE_FORMAT")
    return str(value)


def title_of(data):
    kind = dict(Statement.Kind.choices).get(data["kind"], data["kind"])
    return f"{kind} “{data['label']}”"


def told(data, rows):
    """A whole statement in words: what it says, when, its status, its note and its sources."""
    if data is None:
        return ""
    statement = restored(Statement, data, rows)
    when = statement.date and f", {statement.date.readable}"
    held_back = ", held back" if data.get("draft") else ""
    marks = f"{statement.get_status_display().lower()}{when or ''}{held_back}"
    lines = [f"{statement.words} ({marks})", statement.note]
    return "\n".join(filter(None, [*lines, *map(str, statement.sources.all())]))


def rows_named(model, data):
    """{model: {natural key: row}} of all that these snapshots point to: one query a model.

    Of records only those that are public today. A source has no draft: it stood on a public page.
    """
    return {target: rows_with(target, wanted) for target, wanted in keys_in(model, data).items()}


def keys_in(model, data, extent=READERS):
    """{model: natural keys} of all that these snapshots point to."""
    keys = defaultdict(set)
    for snapshot in data:
        parts = [(model, snapshot), *((Statement, row) for row in snapshot.get("statements", ()))]
        for owner, part in parts:
            for field in fields_of(owner, extent):
                if field.is_relation and (value := part.get(field.name)):
                    keys[field.related_model].update(value if field.many_to_many else [value])
    return keys


def rows_with(model, keys):
    rows = model.objects.all() if model is Source else model.objects.published()
    found = rows.filter(**{f"{model.natural_key_field}__in": keys})
    return {row.natural_key()[0]: row for row in found}


def restored(model, data, rows, **known):
    """An unsaved instance with the fields of a snapshot and its relations loaded, so that none queries."""
    kept = [field for field in fields_of(model) if field.name in data]
    values = {field.name: field.to_python(data[field.name]) for field in kept if not field.is_relation}
    instance = model(**{"pk": 0} | values | known)
    for field in kept:
        if field.many_to_many:
            # In the order of the related model, as pages show them.
            there = rows.get(field.related_model, {}).items()
            load(instance, field.name, [row for key, row in there if key in data[field.name]])
        elif field.is_relation:
            setattr(instance, field.name, rows.get(field.related_model, {}).get(data[field.name]))
    return instance


def load(instance, name, rows):
    """Fill a relation as prefetching does."""
    queryset = instance._meta.get_field(name).related_model.objects.none()
    queryset._result_cache, queryset._prefetch_done = rows, True
    instance.__dict__.setdefault("_prefetched_objects_cache", {})[name] = queryset


def as_it_was(record, change):
    """A record of today as a change left it. What other records say of it was not its own: it is empty."""
    model, data = type(record), change.snapshot
    rows = rows_named(model, [data])
    known = {"pk": record.pk, "slug": record.slug, "updated_at": change.published_at}
    old = restored(model, data, rows, **known)
    for relation in model._meta.related_objects:
        load(old, relation.get_accessor_name(), [])
    subject = {model._meta.model_name: old}
    statements = enumerate(data["statements"], start=1)
    load(old, "statements", [restored(Statement, row, rows, pk=-n, **subject) for n, row in statements])
    return old
