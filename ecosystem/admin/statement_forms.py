"""What is asked of a statement, on its own page and in a row of its record's form."""

from decimal import Decimal

from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db.models import Max
from django.forms import ModelMultipleChoiceField
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.utils.functional import cached_property
from django.utils.html import format_html

from ecosystem.admin.alignment import MOST_ROWS, number
from ecosystem.admin.forms import EditorialForm, FaultsForm
from ecosystem.admin.reasons import ReasonForm
from ecosystem.admin.rereading import RereadForm
from ecosystem.models import Source, Statement
from ecosystem.roles import UNSEEN
from ecosystem.status import allowed, own_names, parties, problems

Status = Statement.Status
AS_ALLOWED = ("", "What the sources allow")
# Longer ones are no keys, and more than a database takes.
LONGEST_KEY = 18


def primary_keys(values):
    """Those of these texts that can be primary keys."""
    return [int(text) for text in values if text.isdecimal() and len(text) <= LONGEST_KEY]


class StatementForm(ReasonForm, RereadForm, EditorialForm):
    """Asks of a statement what its reader would ask: says what, in which unit, and who says so."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.value is not None:
            # 1000, where the column keeps 1000.0000.
            self.initial["value"] = Decimal(f"{self.instance.value.normalize():f}")
        if "status" in self.fields:
            status = self.fields["status"]
            status.required, status.choices = False, [AS_ALLOWED, *status.choices]
        if "position" in self.fields:
            self.fields["position"].required = False
        if not self.instance.pk:
            self.initial |= {"status": "", "position": None}

    @property
    def subject(self):
        """The record that the form says the statement is about, or None."""
        return next(filter(None, (self.cleaned_data.get(name) for name in Statement.SUBJECTS)), None)

    @property
    def is_seen(self):
        """Of a draft anything may still be missing: its publication asks for it."""
        return self.subject is None or self.subject.state not in UNSEEN

    def has_rival(self, key):
        if not (key and self.subject):
            return False
        return self.subject.statements.filter(key=key).exclude(pk=self.instance.pk).exists()

    def next_position(self):
        """Where a new statement stands that was given no position: last."""
        there = self.subject.statements.aggregate(last=Max("position")) if self.subject else {"last": 0}
        return (there["last"] or 0) + 1

    def clean(self):
        cleaned = super().clean()
        # A field with an error of its own is not among the cleaned ones: one complaint is enough.
        if "value" in cleaned and "text" in cleaned and "unit" in cleaned:
            self.check_content(**{name: cleaned[name] for name in ("value", "text", "unit")})
        if "sources" in cleaned and "status" in cleaned:
            self.check_sources(cleaned)
        if cleaned.get("position") is None:
            cleaned["position"] = self.instance.position if self.instance.pk else self.next_position()
        return cleaned

    def check_content(self, value, text, unit):
        if value is None and not text:
            self.add_error("text", "Write a text, or give a value with its unit.")
        if value is not None and not unit:
            self.add_error("unit", f"A number needs a unit; a bare count says “{Statement.NO_UNIT}”.")

    def check_sources(self, cleaned):
        """Ask for sources and hold the status against them; one that is left open becomes what they allow."""
        sources, status, note = cleaned["sources"], cleaned["status"], cleaned.get("note")
        if not sources and not cleaned.get("draft") and self.is_seen:
            self.add_error("sources", "Give at least one source, or keep the statement as a draft.")
        names = own_names(parties(self.subject), cleaned.get("kind"), cleaned.get("actor") or "")
        found = allowed(sources, names)
        cleaned["status"] = status or found.status or Status.REPORTED
        has_rival = status == Status.DISPUTED and not note and self.has_rival(cleaned.get("key"))
        for field, words in problems(cleaned["status"], found, note, has_rival):
            if not self.has_error(field):
                self.add_error(field, words)


class LoadedSelectMultiple(AutocompleteSelectMultiple):
    """Shows the chosen rows out of those that are loaded already, instead of asking for them again."""

    loaded = {}

    def optgroups(self, name, value, attrs=None):
        if not self.loaded.keys() >= set(value):
            return super().optgroups(name, value, attrs)
        return [(None, [self.create_option(name, pk, self.loaded[pk], True, 0) for pk in value], 0)]


class LoadedChoiceField(ModelMultipleChoiceField):
    """Takes the chosen rows out of those that are loaded already, too."""

    loaded = {}

    def clean(self, value):
        if not isinstance(value, (list, tuple)) or not set(value) <= self.loaded.keys():
            return super().clean(value)
        return [self.loaded[pk] for pk in dict.fromkeys(value)]


class StatementRowForm(FaultsForm, StatementForm):
    """A statement among the others of its record. One that exists stays closed until somebody opens it.

    A closed row sends nothing but its key, and is neither checked nor saved: that costs next to nothing, and
    an old fault in one row does not stop a small correction elsewhere.
    """

    # Its box stands beside the row, open or closed; the reason is that of the whole form.
    reread = reason = None

    def __init__(self, *args, formset, **kwargs):
        super().__init__(*args, **kwargs)
        self.formset = formset
        # The formset adds its own fields later: these are the statement's.
        is_sent = any(self.add_prefix(name) in self.data for name in self.fields)
        self.is_closed = self.is_saved and not is_sent
        self.empty_permitted = self.empty_permitted or self.is_closed
        if not self.is_closed:
            self.open()

    @property
    def is_saved(self):
        """Whether the row is of a statement that exists, or did when the form was made."""
        return bool(self.data.get(self.add_prefix("id")) or self.instance.pk)

    @property
    def is_deleted(self):
        return self.add_prefix(DELETION_FIELD_NAME) in self.data

    @property
    def is_reread(self):
        return self.add_prefix("reread") in self.data and not self.is_deleted

    @property
    def subject(self):
        return self.formset.instance

    def _get_validation_exclusions(self):
        """Without the constraints that name the value: each would ask the database, for each row.

        check_content() knows the same rules.
        """
        return {*super()._get_validation_exclusions(), "value"}

    def tell(self, field, sentences):
        """What is wrong with a closed row is said above it, for its fields are not on the page."""
        if self.is_closed and field in self.fields:
            field, sentences = None, [f"{self.fields[field].label}: {words}" for words in sentences]
        super().tell(field, sentences)

    def open(self):
        """Make it a form: with the names of its sources, and what they allow."""
        self.is_closed = False
        if "sources" in self.fields:
            field = self.fields["sources"]
            cited = self.instance.sources.all() if self.instance.pk else ()
            field.loaded = {str(source.pk): source for source in cited} | self.formset.chosen_sources
            field.widget.widget.loaded = field.loaded
        if "status" in self.fields:
            status = self.fields["status"]
            explained = '{} <span class="allowed" aria-live="polite">{}</span>'
            status.help_text = format_html(explained, status.help_text, self.explanation())

    def explanation(self):
        if not self.instance.pk:
            return ""
        said = self.instance
        return allowed(said.sources.all(), own_names(parties(self.subject), said.kind, said.actor)).sentence

    @cached_property
    def changed_data(self):
        if self.is_closed:
            return [DELETION_FIELD_NAME] if self.is_deleted else []
        return super().changed_data

    def next_position(self):
        self.formset.last_position += 1
        return self.formset.last_position

    @property
    def stated_key(self):
        return "" if self.is_deleted else self.data.get(self.add_prefix("key"), self.instance.key)

    def has_rival(self, key):
        return bool(key) and any(row.stated_key == key for row in self.formset.forms if row is not self)


class StatementFormSet(BaseInlineFormSet):
    """The statements of a record, as rows of its form."""

    default_error_messages = {
        **BaseInlineFormSet.default_error_messages,
        "too_many_forms": f"A form takes {MOST_ROWS} statements. Give further ones pages of their own.",
    }

    def total_form_count(self):
        """No more rows than were sent: a number alone would make as many as it says."""
        total = super().total_form_count()
        if not self.is_bound:
            return total
        start = f"{self.prefix}-"
        sent = {name.removeprefix(start).partition("-")[0] for name in self.data if name.startswith(start)}
        return min(total, max(map(number, sent), default=-1) + 1)

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "formset": self}

    @cached_property
    def chosen_sources(self):
        """{primary key as text: source} of all that the rows of a sent form cite, in one query."""
        getlist = getattr(self.data, "getlist", None)
        if not getlist:
            return {}
        rows = range(self.total_form_count())
        sent = {text for index in rows for text in getlist(f"{self.add_prefix(index)}-sources")}
        return {str(pk): source for pk, source in Source.objects.in_bulk(primary_keys(sent)).items()}

    @property
    def reread_rows(self):
        """The saved statements whose sources somebody says to have read again."""
        return [form.instance for form in self.forms if form.is_reread and form.instance.pk]

    @cached_property
    def last_position(self):
        """Of the rows that exist; each new one, in the order of typing, moves it on."""
        return max((form.instance.position for form in self.initial_forms), default=0)
