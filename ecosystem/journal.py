"""What a transaction touched, told once it is committed.

Admin, import, `loaddata` and plain `save()` all go this way. Listeners get {model: {primary key: why}} and
read the rows themselves: a row that is gone was deleted. `update()` and `bulk_create()` send no signals and
are therefore forbidden on content; `manage.py reindex` rebuilds what listeners derive.
"""

from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from ecosystem.models import (
    RECORDS,
    Correction,
    Opening,
    Place,
    Revocation,
    SearchEntry,
    Sector,
    Sender,
    Source,
    Statement,
)
from hubportal import content_log

CONTENT = (*RECORDS, Sector, Place, Source, Statement)
# Of these readers see nothing, or only by way of content.
UNSEEN = {Opening, Revocation, SearchEntry, Sender}
listeners = []


@dataclass(frozen=True)
class Why:
    """Who touches content and for which reason, as far as that is known (changes.because sets it)."""

    user: Any = None
    reason: str = ""


NOT_KNOWN = Why()
why = ContextVar("why", default=NOT_KNOWN)


def listen(function):
    """Call `function(touched)` after every commit that touched content."""
    listeners.append(function)
    return function


def touch(using, model, *keys):
    """Note rows, then ask to be called at commit: in autocommit mode that call comes at once."""
    connection = connections[using]
    if not hasattr(connection, "touched_content"):
        connection.touched_content = defaultdict(dict)
    connection.touched_content[model].update(dict.fromkeys(keys, why.get()))
    transaction.on_commit(lambda: flush(connection), using=using)


def flush(connection):
    """Tell the listeners what was touched. Every touch asks for this, and the first call does it all.

    A transaction that was rolled back leaves its rows noted; telling of them later only costs a look.
    """
    touched, connection.touched_content = connection.touched_content, defaultdict(dict)
    if touched:
        tell(touched)


def tell(touched):
    """Tell the listeners of rows as {model: {primary key: why}}; for who writes in bulk, without signals.

    Then all processes hear that what they keep is old: last, when what listeners derive is new, and also
    where one of them failed, for the commit stands.
    """
    try:
        for function in listeners:
            function(touched)
    finally:
        content_log.append(touched)


def on_row(sender, instance, using, **kwargs):
    touch(using, sender, instance.pk)
    if sender is Statement:
        touch_subject(instance, using)


def on_report(sender, instance, created, using, **kwargs):
    """What comes in from a reader changes no page: only what editors then do with it may."""
    if not created or instance.state != Correction.State.OPEN:
        on_row(sender, instance, using)


def touch_subject(statement, using):
    for name in Statement.SUBJECTS:
        if key := getattr(statement, f"{name}_id"):
            touch(using, Statement._meta.get_field(name).related_model, key)


def before_move(sender, instance, using, **kwargs):
    """A statement that moves to another record changes the one that it leaves, too."""
    if instance.pk:
        for statement in Statement.objects.using(using).filter(pk=instance.pk):
            touch_subject(statement, using)


def before_delete(sender, instance, using, **kwargs):
    """What points to a row says less once it is gone, and no signal tells of it."""
    for relation in sender._meta.related_objects:
        if relation.many_to_many:
            touch_all(using, relation.related_model, **{relation.field.name: instance})


def on_relation(sender, instance, action, reverse, model, pk_set, using, **kwargs):
    """A many-to-many relation changes what both ends say."""
    touch(using, type(instance), instance.pk)
    if type(instance) is Statement:
        touch_subject(instance, using)
    if action == "pre_clear" and reverse:
        field = next(field for field in model._meta.many_to_many if field.remote_field.through is sender)
        touch_all(using, model, **{field.name: instance})
    elif model is Statement:
        touch_all(using, model, pk__in=pk_set or ())
    else:
        touch(using, model, *(pk_set or ()))


def touch_all(using, model, **lookup):
    for row in model.objects.using(using).filter(**lookup):
        on_row(model, row, using)


ON_SAVE = {Correction: on_report}


def connect():
    """Hear of every other model of the app: readers may see it, such as an address that has moved."""
    pre_save.connect(before_move, sender=Statement, dispatch_uid="journal-move")
    for model in set(apps.get_app_config("ecosystem").get_models()) - UNSEEN:
        on_save = ON_SAVE.get(model, on_row)
        post_save.connect(on_save, sender=model, dispatch_uid=f"journal-save-{model.__name__}")
        pre_delete.connect(before_delete, sender=model, dispatch_uid=f"journal-gone-{model.__name__}")
        post_delete.connect(on_row, sender=model, dispatch_uid=f"journal-delete-{model.__name__}")
        for field in model._meta.many_to_many:
            uid = f"journal-m2m-{model.__name__}-{field.name}"
            m2m_changed.connect(on_relation, sender=field.remote_field.through, dispatch_uid=uid)
