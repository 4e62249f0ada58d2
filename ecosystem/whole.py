"""Whole snapshots: everything that editors typed into a record, held-back statements and drafts included.

They serve to restore a version, to tell editors what a colleague saved, and to notice that somebody did.
No page, file or format for readers may be made of them.
"""

import json
from hashlib import sha256

from ecosystem.models import Statement
from ecosystem.versions import EDITORS, fields_of, snapshots


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
    return hasattr(model, "State")


def whole_snapshots(model, keys):
    """{key: whole snapshot} of the rows that there are."""
    return {row.pk: snapshot for row, snapshot in snapshots(model, list(whole_rows(model, keys)), EDITORS)}


def fingerprint(snapshot):
    """A short text that is the same for the same content."""
    return sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()[:32]
