"""The way back to a whole snapshot: what it would change, what it has to leave out, and how it is written.

Everything goes through normal saves, so that change log, search index and page cache follow.
"""

from functools import cached_property

from django.core.exceptions import ValidationError

from ecosystem.models import RECORDS, Statement
from ecosystem.models.record import Record
from ecosystem.versions import EDITORS, fields_of, title_of
from ecosystem.whole import has_statements, keys_in_whole, state_of

# State and address are decided today: a restored text neither publishes a record nor moves it. Nor has
# anybody read the sources by restoring something.
KEPT = {"slug", "key", "state", "published_at", "withdraw_at", "withdrawal_reason", "checked_on"}


class Restoration:
    """A record on its way back to a whole snapshot.

    `target` is what it will be: the snapshot without what is not there any more, of which `losses` tell in
    words. With `obstacles`, sentences again, it cannot be restored. A deleted record comes back as a draft,
    under its own primary key: its history goes on.
    """

    def __init__(self, model, key, snapshot):
        self.model, self.key = model, key
        self.row = model._base_manager.filter(pk=key).first()
        self.now = state_of(model, key)
        self.losses, self.obstacles = [], []
        self.target = self.adjusted(snapshot)
        self.check()

    @cached_property
    def rows(self):
        """{model: {natural key: row}} of all that there is of what the snapshot points to."""
        return {
            model: {row.natural_key()[0]: row for row in rows_with(model, keys)}
            for model, keys in self.pointed_to.items()
        }

    def adjusted(self, snapshot):
        self.pointed_to = keys_in_whole(self.model, snapshot, self.now or {})
        known = {field.name for field in fields_of(self.model, EDITORS)}
        target = {name: value for name, value in snapshot.items() if name in known}
        # A field that came since the snapshot keeps what it holds.
        target = (self.now or self.at_first()) | target
        if self.now:
            target |= {name: self.now[name] for name in KEPT & self.now.keys()}
        elif self.model in RECORDS:
            target |= {"state": Record.State.DRAFT, "withdraw_at": None}
        target = self.reachable(self.model, target)
        if has_statements(self.model):
            target["statements"] = list(self.statements(snapshot.get("statements", ())))
        return target

    def at_first(self):
        """What a new row holds: for fields that came after the snapshot of one that was deleted."""
        empty = self.model()
        return {
            field.name: [] if field.many_to_many else field.value_from_object(empty)
            for field in fields_of(self.model, EDITORS)
        }

    def reachable(self, model, data, whose=""):
        """The data without relations to rows that are gone."""
        kept = dict(data)
        for field in fields_of(model, EDITORS):
            value = data.get(field.name)
            if not field.is_relation or not value:
                continue
            there = self.rows.get(field.related_model, {})
            gone = [key for key in (value if field.many_to_many else [value]) if key not in there]
            noun = field.related_model._meta.verbose_name
            self.losses += [f"{whose}the {noun} “{key}” was deleted, and is left out." for key in gone]
            if field.many_to_many:
                kept[field.name] = [key for key in value if key in there]
            elif gone:
                kept[field.name] = None
        return kept

    def statements(self, entries):
        names = {field.name for field in fields_of(Statement, EDITORS)}
        elsewhere = self.statements_elsewhere([entry["reference"] for entry in entries])
        now = {entry["reference"]: entry for entry in (self.now or {}).get("statements", ())}
        for entry in entries:
            title = title_of(entry)
            if entry["reference"] in elsewhere:
                other = elsewhere[entry["reference"]]
                self.losses.append(f"{title} is a statement about {other} now, and stays there.")
                continue
            kept = self.reachable(Statement, entry, f"{title}: ")
            if not kept["sources"] and not kept["draft"]:
                self.losses.append(f"{title} has no source left, and is held back.")
                kept["draft"] = True
            if entry["reference"] in now:
                kept["checked_on"] = now[entry["reference"]]["checked_on"]
            yield {name: value for name, value in kept.items() if name in names}

    def statements_elsewhere(self, references):
        own = {self.model._meta.model_name: self.key}
        others = Statement.objects.filter(reference__in=references).exclude(**own).with_subjects()
        return {statement.reference: statement.subject for statement in others}

    def check(self):
        if self.target == self.now:
            self.obstacles.append("It says the same today.")
        if self.target.get("state") == Record.State.PUBLISHED:
            lacking = [name for name in ("summary", "sources") if not self.target[name]]
            self.obstacles += [f"It is published, and would have no {name}." for name in lacking]
        wanted = changed(self.target, self.now)
        unchanged = {field.name for field in self.model._meta.fields} - wanted.keys() if self.now else None
        try:
            filled(self.row or self.model(pk=self.key), wanted, self.rows).full_clean(exclude=unchanged)
        except ValidationError as error:
            self.obstacles += error.messages

    def apply(self):
        """Write the target, inside the caller's transaction, and return the row."""
        own = {name: value for name, value in self.target.items() if name != "statements"}
        row = self.row or self.model(pk=self.key)
        write(row, own, self.now, self.rows)
        if has_statements(self.model):
            self.write_statements(row)
        return row

    def write_statements(self, row):
        there = {statement.reference: statement for statement in row.statements.all()}
        before = {entry["reference"]: entry for entry in (self.now or {}).get("statements", ())}
        for entry in self.target["statements"]:
            reference = entry["reference"]
            statement = there.pop(reference, None) or Statement(**{self.model._meta.model_name: row})
            write(statement, entry, before.get(reference), self.rows)
        for statement in there.values():
            statement.delete()


def rows_with(model, keys):
    return model._base_manager.filter(**{f"{model.natural_key_field}__in": keys})


def filled(row, data, rows):
    """The row with the fields of the data; its relations to many are left alone."""
    for field in fields_of(type(row), EDITORS):
        if field.name in data and not field.many_to_many:
            value = data[field.name]
            if field.is_relation:
                setattr(row, field.name, value and rows[field.related_model][value])
            else:
                setattr(row, field.name, field.to_python(value))
    return row


def changed(data, before):
    """What of the data differs from `before`, which is None for a new row."""
    return {name: value for name, value in data.items() if before is None or value != before.get(name)}


def write(row, data, before, rows):
    """Save what differs."""
    data = changed(data, before)
    many = {field.name: field for field in type(row)._meta.many_to_many}
    if before is None or data.keys() - many.keys():
        filled(row, data, rows).save()
    for name in data.keys() & many.keys():
        getattr(row, name).set([rows[many[name].related_model][key] for key in data[name]])
