"""Rows for data files: plain objects made from tuples, a fifth of the cost of model instances.

They have the fields, properties and methods of their model, and of its relations those that the queryset
prefetches or joins, as the queryset gates them. Nothing can be saved, and nothing queries.
"""

from collections import defaultdict
from functools import cache, cached_property
from itertools import islice
from types import FunctionType

from django.db.models import ManyToManyField, ManyToManyRel, ManyToOneRel, Model, Prefetch

CODE = (FunctionType, property, cached_property, classmethod)


class NotLoaded:
    """A relation to one that the queryset did not load: no answer, unless there is nothing to load."""

    def __init__(self, field):
        self.field = field

    def __get__(self, row, owner):
        if getattr(row, self.field.attname) is not None:
            raise AttributeError(f"{self.field} was not loaded.")


class Related(list):
    """What a relation to many leads to, asked as a manager is."""

    def all(self):
        return self


@cache
def plain_class(model):
    """A class with a model's own code and constants, without what writes and queries."""
    code = {"_meta": model._meta} | {
        field.name: NotLoaded(field) for field in model._meta.concrete_fields if field.is_relation
    }
    # Django's own stays behind, with all that saves and queries.
    for base in (base for base in reversed(model.__mro__) if issubclass(base, Model) and base is not Model):
        code |= {name: value for name, value in vars(base).items() if worth_copying(name, value)}
    code |= {f"get_{field.name}_display": display(field) for field in model._meta.fields if field.choices}
    return type(model.__name__, (), code)


def display(field):
    """A method that says in words which choice a row has."""
    labels = {value: str(label) for value, label in field.flatchoices}

    def method(row):
        value = getattr(row, field.attname)
        return labels.get(value, value)

    return method


def worth_copying(name, value):
    is_code = isinstance(value, CODE) and (not name.startswith("__") or name == "__str__")
    return is_code or (isinstance(value, type | tuple) and not name.startswith("_"))


def plain_rows(queryset, size):
    """Yield the rows of a queryset as plain objects, reading `size` of them and their relations at a time."""
    found = tuples(queryset).iterator(chunk_size=size)
    while block := made(queryset.model, islice(found, size)):
        relate(queryset, block)
        yield from block


def tuples(queryset):
    bare = queryset.select_related(None).prefetch_related(None)
    return bare.values_list(*(field.attname for field in queryset.model._meta.concrete_fields))


def made(model, rows):
    plain, names = plain_class(model), [field.attname for field in model._meta.concrete_fields]
    objects = []
    for row in rows:
        item = plain()
        item.__dict__.update(zip(names, row, strict=True))
        item.pk = item.id
        objects.append(item)
    return objects


def relate(queryset, objects):
    """Give plain objects the relations that the queryset would have loaded."""
    joined = queryset.query.select_related or {}
    for lookup in [*joined, *queryset._prefetch_related_lookups]:
        name = lookup.prefetch_through if isinstance(lookup, Prefetch) else lookup
        field = queryset.model._meta.get_field(name)
        rows = getattr(lookup, "queryset", None)
        rows = field.related_model._base_manager.all() if rows is None else rows
        if isinstance(field, ManyToManyField | ManyToManyRel):
            many_to_many(field, name, rows, objects)
        elif isinstance(field, ManyToOneRel):
            many_to_one(field, rows, objects)
        else:
            one(field, rows, objects)


def loaded(rows):
    objects = made(rows.model, tuples(rows))
    relate(rows, objects)
    return objects


def one(field, rows, objects):
    keys = {getattr(item, field.attname) for item in objects} - {None}
    found = {row.pk: row for row in loaded(rows.filter(pk__in=keys))} if keys else {}
    for item in objects:
        setattr(item, field.name, found.get(getattr(item, field.attname)))


def many_to_one(relation, rows, objects):
    """In the order of the queryset, else of the model."""
    behind, key = defaultdict(Related), relation.field.attname
    owners = {item.pk: item for item in objects}
    for row in loaded(in_order(rows.filter(**{f"{key}__in": owners}))):
        owner = owners[getattr(row, key)]
        setattr(row, relation.field.name, owner)
        behind[owner.pk].append(row)
    for item in objects:
        setattr(item, relation.get_accessor_name(), behind[item.pk])


def many_to_many(field, name, rows, objects):
    own = field if isinstance(field, ManyToManyField) else field.field
    near, far = own.m2m_column_name(), own.m2m_reverse_name()
    if own is not field:
        near, far = far, near
    through = own.remote_field.through._base_manager
    pairs = through.filter(**{f"{near}__in": [item.pk for item in objects]}).values_list(far, near)
    owners = defaultdict(list)
    for key, owner in pairs:
        owners[key].append(owner)
    behind = defaultdict(Related)
    for row in loaded(in_order(rows.filter(pk__in=owners))):
        for owner in owners[row.pk]:
            behind[owner].append(row)
    for item in objects:
        setattr(item, name, behind[item.pk])


def in_order(rows):
    return rows if rows.query.order_by else rows.order_by(*rows.model._meta.ordering)
