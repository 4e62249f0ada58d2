"""Who may do what, in one table. `migrate` makes a group of each role and gives it what the table says."""

from django.apps import apps as installed
from django.contrib.auth import get_permission_codename, get_user_model
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS

from ecosystem.models import RECORDS, Change, Correction, Place, Sector, Source, Statement
from ecosystem.models.record import Record

# What a record is while only editors see it.
UNSEEN = (Record.State.DRAFT, Record.State.IN_REVIEW)
AUTHOR, REVIEWER, CHIEF_EDITOR = "Author", "Reviewer", "Chief editor"

# Each role holds what those before it hold. What it may change without `publish` is what readers do not see.
TABLE = {
    AUTHOR: (
        (RECORDS, "view add change"),
        ((Source,), "view add change"),
        ((Statement,), "view add change delete"),
        ((Sector, Place, Change, Correction), "view"),
    ),
    REVIEWER: (
        (RECORDS, "publish withdraw"),
        ((Source,), "publish"),
        # To change a correction is to decide it.
        ((Correction,), "change"),
    ),
    CHIEF_EDITOR: (
        (RECORDS, "delete import merge"),
        ((Source,), "delete import"),
        ((Statement,), "import"),
        # What is no report at all, but advertising.
        ((Correction,), "delete"),
        ((Sector, Place), "add change delete"),
        # An account is switched off, not deleted: its entries in the log would go with it.
        ((get_user_model(),), "view add change"),
        ((Group,), "view"),
    ),
}


def permission(action, model):
    """The permission to do something with a model, as `has_perm` takes it: `ecosystem.publish_company`."""
    return f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}"


def may(user, action, model):
    return user.has_perm(permission(action, model))


def may_change(user, record):
    """Whether the role reaches this record: who may not publish changes drafts and what is in review."""
    return record.state in UNSEEN or may(user, "publish", type(record))


def rights():
    """{role: the permissions that it holds}."""
    held, roles = set(), {}
    for role, rows in TABLE.items():
        held |= {
            permission(action, model) for models, each in rows for model in models for action in each.split()
        }
        roles[role] = frozenset(held)
    return roles


def make_groups(using=DEFAULT_DB_ALIAS, apps=installed, **kwargs):
    """After every `migrate`: the groups and their permissions are what the table says, no more and no less.

    Who wants other rights makes a group of their own. `apps` may be those of an earlier migration.
    """
    try:
        group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    there = permission_model.objects.using(using).select_related("content_type")
    known = {f"{row.content_type.app_label}.{row.codename}": row for row in there}
    for role, names in rights().items():
        group, _ = group_model.objects.using(using).get_or_create(name=role)
        group.permissions.set([known[name] for name in names if name in known])
