"""Rows for pages and data files: plain objects made from tuples, a fifth of the cost of model instances.

They have the fields, properties and methods of their model, and of its relations those that the queryset
prefetches or joins, as the queryset gates them. Nothing can be saved, and nothing queries.
"""

from functools import cache, cached_property, partial
from itertools import islice
from operator import attrgetter
from types import FunctionType

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import ManyToOneRel, Model, Prefetch

CODE = (FunctionType, property, cached_property, classmethod)
# Stands for the keys in SQL that is compiled ahead; it is a key of no row.
HOLE = -4711
LED_BY = "_led_by"
# A database takes some ten thousand values in a query.
MOST_OWNERS = 5000


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
    return type(model.__name__, (), code | {"pk": property(attrgetter(model._meta.pk.attname))})


def display(field):
    """A method that says in words which choice a row has."""
    labels = {value: str(label) for value, label in field.flatchoices}

    def method(row):
        value = getattr(row, field.attname)
        return labels.get(value, value)

    return method


def worth_copying(name, value):
    is_code = isinstance(value, CODE) and (not name.startswith("__") or name == "__str__")
    return is_code or (isinstance(value, type | tuple | str) and not name.startswith("_"))


def compiled(make, *arguments):
    """What `make` returns for these, made once a connection: only there is its SQL known to hold."""
    plans = vars(connections[DEFAULT_DB_ALIAS]).setdefault("plans", {})
    if (make, arguments) not in plans:
        plans[make, arguments] = make(*arguments)
    return plans[make, arguments]


def plan(model, reading, lookup="pk"):
    """The Plan of the public rows of a model as its queryset's method `reading` loads them."""
    return compiled(planned, model, reading, lookup)


def planned(model, reading, lookup):
    return Plan(getattr(model.objects.published(), reading)().order_by(), lookup)


class Plan:
    """A queryset to be asked by keys: compiled once, which takes Django ten times as long as asking.

    `lookup` says whose keys they are: the rows' own, or those of what they are tied to.
    """

    def __init__(self, queryset, lookup="pk"):
        self.plain = plain_class(queryset.model)
        names = loaded(queryset)
        bare = queryset.select_related(None).prefetch_related(None)
        self.prepared = Prepared(bare.filter(**{f"{lookup}__in": [HOLE]}).values_list(lookup, *names))
        # What leads to a row stays in it, for cutting it off each time takes longer.
        self.names = (LED_BY, *names)
        lookups = [*(queryset.query.select_related or {}), *queryset._prefetch_related_lookups]
        self.relations = [relation(queryset.model, lookup) for lookup in lookups]

    def found(self, keys):
        """[(key, row)] of the rows that these keys lead to and that pass the gate, in its order."""
        found, rows = list(self.prepared.ask(keys)), {}
        for values in found:
            if values[1] not in rows:
                row = rows[values[1]] = self.plain()
                row.__dict__.update(zip(self.names, values, strict=True))
        for some in blocks(rows.values(), MOST_OWNERS) if self.relations else ():
            for relate in self.relations:
                relate(some)
        return [(values[0], rows[values[1]]) for values in found]

    def in_order(self, keys, size=500):
        """Yield the rows in the order of these keys, reading `size` of them at a time."""
        for block in blocks(keys, size):
            found = dict(self.found(block))
            yield from (found[key] for key in block if key in found)


def loaded(queryset):
    """The names of the columns that a queryset does not put off, the primary key first."""
    named, is_put_off = queryset.query.deferred_loading
    key, *fields = queryset.model._meta.concrete_fields
    return [key.attname, *(field.attname for field in fields if (field.name in named) != is_put_off)]


class Prepared:
    """The SQL of a queryset of tuples, with a place for keys where it had the HOLE."""

    def __init__(self, tuples):
        self.compiler = tuples.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select])
        parts, hole = sql.split("%s"), list(map(str, parameters)).index(str(HOLE))
        self.sql = "%s".join(parts[: hole + 1]), "%s".join(parts[hole + 1 :])
        self.parameters = parameters[:hole], parameters[hole + 1 :]

    def ask(self, keys):
        if not keys:
            return ()
        (before, after), (first, last) = self.sql, self.parameters
        with self.compiler.connection.cursor() as cursor:
            cursor.execute(f"{before}{', '.join(['%s'] * len(keys))}{after}", (*first, *keys, *last))
            found = cursor.fetchall()
        return self.compiler.apply_converters(found, self.converters) if self.converters else found


def blocks(items, size):
    """Yield lists of `size` items, the last one shorter."""
    items = iter(items)
    while block := list(islice(items, size)):
        yield block


def relation(model, lookup):
    """A function that gives rows of a model what a lookup of its queryset would have loaded."""
    name = lookup.prefetch_through if isinstance(lookup, Prefetch) else lookup
    field = model._meta.get_field(name)
    rows = getattr(lookup, "queryset", None)
    rows = field.related_model._base_manager.all() if rows is None else rows
    if isinstance(field, ManyToOneRel):
        there = Plan(in_order(rows, field.field.attname), field.field.attname)
        # Without the key nobody wants the way back, which makes rings that only a search for garbage frees.
        back = field.field.name if field.field.attname in there.names else ""
        return partial(many, name, there, back=back)
    if field.many_to_many:
        back = field.remote_field.name
        return partial(many, name, Plan(in_order(rows, f"{back}__pk"), back))
    return partial(one, field, Plan(rows.order_by()))


def one(field, there, rows):
    found = dict(there.found({getattr(row, field.attname) for row in rows} - {None}))
    for row in rows:
        setattr(row, field.name, found.get(getattr(row, field.attname)))


def many(name, there, rows, back=""):
    """In the order of the queryset, else of the model. `back` leads from there to the row."""
    behind = {row.pk: Related() for row in rows}
    for key, row in there.found(behind):
        behind[key].append(row)
    for row in rows:
        setattr(row, name, behind[row.pk])
        for other in behind[row.pk] if back else ():
            setattr(other, back, row)


def in_order(rows, owner):
    """In their own order behind each owner.

    Without the owner in front, SQLite may read a whole table by an index rather than sort what it finds.
    """
    return rows.order_by(owner, *(rows.query.order_by or rows.model._meta.ordering))
