"""What a transaction touched, told once it is committed.

Admin, import, `loaddata` and plain `save()` all go this way. Listeners get {model: {primary keys}} and read
the rows themselves: a row that is gone was deleted. `update()` and `bulk_create()` send no signals and are
therefore forbidden on content; `manage.py reindex` rebuilds what listeners derive.
"""

from collections import defaultdict

from django.db import connections, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from ecosystem.models import RECORDS, Place, Sector, Source, Statement

CONTENT = (*RECORDS, Sector, Place, Source, Statement)
listeners = []


def listen(function):
    """Call `function(touched)` after every commit that touched content."""
    listeners.append(function)
    return function


def touch(using, model, *keys):
    """Note rows, then ask to be called at commit: in autocommit mode that call comes at once."""
    connection = connections[using]
    if not hasattr(connection, "touched_content"):
        connection.touched_content = defaultdict(set)
    connection.touched_content[model].update(keys)
    transaction.on_commit(lambda: flush(connection), using=using)


def flush(connection):
    """Tell the listeners what was touched. Every touch asks for this, and the first call does it all.

    A transaction that was rolled back leaves its rows noted; telling of them later only costs a look.
    """
    touched, connection.touched_content = connection.touched_content, defaultdict(set)
    if touched:
        for function in listeners:
            function(touched)


def on_row(sender, instance, using, **kwargs):
    touch(using, sender, instance.pk)
    if sender is Statement:
        for name in Statement.SUBJECTS:
            if key := getattr(instance, f"{name}_id"):
                touch(using, Statement._meta.get_field(name).related_model, key)


def on_relation(sender, instance, model, pk_set, using, **kwargs):
    """A many-to-many relation changes what both ends say."""
    touch(using, type(instance), instance.pk)
    touch(using, model, *(pk_set or ()))


def connect():
    for model in CONTENT:
        post_save.connect(on_row, sender=model, dispatch_uid=f"journal-save-{model.__name__}")
        post_delete.connect(on_row, sender=model, dispatch_uid=f"journal-delete-{model.__name__}")
        for field in model._meta.many_to_many:
            uid = f"journal-m2m-{model.__name__}-{field.name}"
            m2m_changed.connect(on_relation, sender=field.remote_field.through, dispatch_uid=uid)
