"""Two editors at once: what a colleague saved while a form was open, beside what was typed into it."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.text import capfirst

from ecosystem.models import Change, Statement
from ecosystem.versions import EDITORS, field_differences, fields_of, in_words, title_of
from ecosystem.whole import about, apart, fingerprint, names_of

# How many changes to look through for the state in which a form was opened.
LOOK_BACK = 100


@dataclass(frozen=True)
class Rival:
    """A field that a colleague changed; `is_mine` says whose value stands in the form now."""

    label: str
    before: str
    theirs: str
    mine: str = ""
    is_mine: bool = False


class Conflict:
    """The saves since a form was opened: who made them, and what they mean for each of its fields.

    `now` is the state in the database, `then` the one in which the form was opened, as snapshots; `then` is
    None where the change log does not hold it, and every difference counts as typed here.
    """

    def __init__(self, row, opened_as, now):
        self.model, self.now, self.then = type(row), now, None
        self.change = None
        for change, state in logged_states(row):
            if fingerprint(state) == opened_as:
                self.then = state
                break
            self.change = self.change or change

    @cached_property
    def names(self):
        """What the relations that differ are called."""
        return names_of(self.model, apart(self.now, self.then or {}))

    @property
    def by(self):
        user = self.change and self.change.user
        return user.get_username() if user else "somebody else"

    @property
    def sentence(self):
        return (
            f"Not saved: {self.by} saved this after you opened it. "
            "What you typed is still here. Compare, then save again."
        )

    def rivals(self, form, formsets):
        """Yield what a colleague changed. Fields that nobody touched here show the colleague's value."""
        yield from self.in_form(self.model, form, self.then, self.now)
        now, then = by_reference(self.now), by_reference(self.then)
        for formset in formsets:
            rows = {row.instance.reference: row for row in formset.initial_forms if row.instance.pk}
            for reference, row in rows.items():
                state = now[reference]
                old = None if self.then is None else then.get(reference, {})
                if row.is_deleted:
                    yield from self.deleted_here(old, state)
                    continue
                compare = self.in_form if row.has_changed() else self.untouched
                yield from compare(Statement, row, old, state, f"{title_of(state)}, ")
        for entry in self.deleted():
            yield Rival(title_of(entry), told(entry), "deleted")
        for reference, entry in now.items():
            if self.then and reference not in then:
                yield Rival(title_of(entry), "", told(entry))

    def deleted(self):
        """The statements that are gone since."""
        now = by_reference(self.now)
        return [entry for reference, entry in by_reference(self.then).items() if reference not in now]

    def in_form(self, model, form, then, now, prefix=""):
        for field in fields_of(model, EDITORS):
            theirs = self.words(field, now.get(field.name))
            before = theirs if then is None else self.words(field, then.get(field.name))
            label = f"{prefix}{field.verbose_name}" if prefix else capfirst(field.verbose_name)
            if field.name not in form.fields:
                # A colleague's step, or their reading of the sources.
                if theirs != before and field.name not in EDITORS.untold:
                    yield Rival(label, before, theirs)
                continue
            mine = self.typed(form, field)
            is_mine = then is None or mine != before
            if mine == theirs or (then is not None and theirs == before):
                continue
            if not is_mine:
                show_saved(form.fields[field.name])
            yield Rival(label, before if then else "", theirs, mine, is_mine)

    def deleted_here(self, then, now):
        if then != now:
            yield Rival(title_of(now), told(then) if then else "", told(now), "delete", True)

    def untouched(self, model, form, then, now, prefix):
        """What was saved of a statement whose fields say the same, or were not even opened."""
        if then:
            for item in field_differences(model, then, now, self.names, EDITORS, prefix):
                yield Rival(item.label, item.before, item.after)

    def typed(self, form, field):
        """What stands in a field, in words; what is not valid as it was typed."""
        if field.name not in form.cleaned_data:
            return lines(form[field.name].data)
        value = form.cleaned_data[field.name]
        if field.many_to_many:
            return lines(str(row) for row in sorted(value, key=lambda row: row.natural_key()))
        return lines(str(value) if field.is_relation and value else in_words(field, value, {}))

    def words(self, field, value):
        return lines(in_words(field, value, self.names))


def told(entry):
    return " ".join(filter(None, [entry["text"], entry["value"], entry["unit"]]))


def lines(value):
    """Text with one kind of line break: a browser sends another than it was given."""
    value = value if isinstance(value, str) else "\n".join(map(str, value or ()))
    return "\n".join(value.splitlines())


def show_saved(field):
    field.bound_data = lambda data, initial: initial


def by_reference(state):
    return {row["reference"]: row for row in (state or {}).get("statements", ())}


def logged_states(row):
    """Yield (change, state) of a row, newest first. A statement's states are those of its record."""
    subject = row.subject if isinstance(row, Statement) else row
    log = Change.objects.filter(kind=subject._meta.model_name, object_id=subject.pk, whole__isnull=False)
    for change in log.select_related("user")[:LOOK_BACK]:
        if subject is row:
            yield change, change.whole
        elif entry := by_reference(change.whole).get(row.reference):
            yield change, about(subject, entry)
