"""Whole snapshots: everything that editors typed into a record, held-back statements and drafts included.

They serve to restore a version, to tell editors what a colleague saved, and to notice that somebody did.
No page, file or format for readers may be made of them.
"""

import json
from hashlib import sha256

from ecosystem.models import RECORDS, Statement
from ecosystem.versions import EDITORS, fields_of, keys_in, snapshots


def whole_rows(model, keys):
    """The rows with all their relations and all their statements loaded."""
    relations = [field for field in fields_of(model, EDITORS) if field.is_relation]
    if model is Statement:
        relations += [model._meta.get_field(name) for name in Statement.SUBJECTS]
    to_one = [field.name for field in relations if not field.many_to_many]
    to_many = [field.name for field in relations if field.many_to_many]
    rows = model._base_manager.filter(pk__in=keys).order_by("pk")
    rows = rows.select_related(*to_one) if to_one else rows
    if has_statements(model):
        to_many.append("statements__sources")
    return rows.prefetch_related(*to_many)


def has_statements(model):
    return model in RECORDS


def whole_snapshots(model, keys):
    """{key: whole snapshot} of the rows that there are."""
    return {row.pk: snapshot for row, snapshot in snapshots(model, list(whole_rows(model, keys)), EDITORS)}


def fingerprint(snapshot):
    """A short text that is the same for the same content."""
    return sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()[:32]


def statement_snapshots(keys):
    """{key: its snapshot, with the record that it is about} of the statements that there are."""
    rows = list(whole_rows(Statement, keys))
    entries = (data for _, data in snapshots(Statement, rows, EDITORS))
    return {row.pk: about(row.subject, entry) for row, entry in zip(rows, entries, strict=True)}


def about(subject, entry):
    return {"about": [subject._meta.model_name, subject.pk], **entry}


def state_of(model, key):
    """The whole snapshot of one row, or None if there is none any more."""
    found = statement_snapshots([key]) if model is Statement else whole_snapshots(model, [key])
    return found.get(key)


def keys_in_whole(model, *wholes):
    """{model: natural keys} of all that these whole snapshots point to."""
    return keys_in(model, wholes, EDITORS)


def apart(*wholes):
    """Of each of these two snapshots the fields in which they differ."""
    one, other = wholes
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return [{name: whole.get(name) or () for name in names} for whole in wholes]


def names_of(model, wholes):
    """{model: {natural key: name}} of all that these whole snapshots point to: one query a model."""
    return {target: names_with(target, wanted) for target, wanted in keys_in_whole(model, *wholes).items()}


def names_with(model, keys):
    rows = model._base_manager.filter(**{f"{model.natural_key_field}__in": keys})
    gone = {key: f"{key} (deleted since)" for key in keys}
    return gone | {row.natural_key()[0]: str(row) for row in rows}
