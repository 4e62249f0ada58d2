"""What an editor's form refuses, in words beside the field that has to change."""

from copy import copy

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from ecosystem.admin.namesakes import NamesakeForm
from ecosystem.admin.reasons import ReasonForm
from ecosystem.admin.rereading import RereadRecordForm
from ecosystem.models import PreviousSlug
from ecosystem.models.record import Record
from ecosystem.roles import UNSEEN

Standing = Record.Standing
TIMES = {"published_at", "withdraw_at"}
MOVES = "Readers know this address. If you change it, the old one leads to the new one for good."


class EditorialForm(forms.ModelForm):
    """Guards the part of the address that a link or a data file may hold by now."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self._meta.model.natural_key_field
        if name in self.fields:
            self.fields[name].disabled = self.is_address_known()

    def is_address_known(self):
        return self.instance.pk is not None

    def clean(self):
        cleaned = super().clean()
        if conflict := getattr(self.instance, "conflict", None):
            self.add_error(None, conflict.sentence)
        # From Django 6 on a form does not ask constraints that name the primary key.
        if cleaned.get("parent") == self.instance:
            self.add_error("parent", "Nothing is its own parent.")
        return cleaned


class FaultsForm(forms.ModelForm):
    """Repeats what a first try to save has found wrong with it."""

    # {prefix: {field: sentences}}; the admin knows them.
    faults = {}

    def full_clean(self):
        """Also of a form that nobody touched, which Django does not clean."""
        super().full_clean()
        for field, sentences in self.faults.get(self.prefix, {}).items():
            self.tell(field, sentences)

    def tell(self, field, sentences):
        self.add_error(field if field in self.fields else None, sentences)


def moved_from(model, slugs):
    """{slug: the record that left it} of those of these addresses that lead to another one now."""
    kind = model._meta.model_name
    rows = PreviousSlug.objects.of_kind(kind).filter(slug__in=slugs).select_related(kind)
    return {row.slug: row.record for row in rows}


class RecordForm(FaultsForm, ReasonForm, RereadRecordForm, NamesakeForm, EditorialForm):
    """Lets drafts be incomplete. What stands against a publication is found once it is saved (steps.py)."""

    # Whether this editor may move a record that readers know; the admin decides.
    may_move = False
    # What moved_from() says, where somebody has asked already.
    moved = None
    # Without these not even a draft can be found again.
    ALWAYS = ("name", "slug")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # As it stands in the database: validation writes what was typed into the instance.
        self.before = copy(self.instance)
        self.known_address = self.instance.slug if self.has_been_public() else None
        self.needed = [name for name, field in self.fields.items() if field.required]
        for name, field in self.fields.items():
            field.required = field.required and (name in self.ALWAYS or self.before.state not in UNSEEN)
        for name in TIMES & self.fields.keys():
            self.fields[name].help_text += f" {settings.TIME_ZONE} time."
        if self.known_address and "slug" in self.fields and self.may_move:
            self.fields["slug"].help_text = MOVES

    def has_been_public(self):
        return self.instance.published_at is not None and self.instance.published_at <= timezone.now()

    def is_address_known(self):
        return self.has_been_public() and not self.may_move

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug == self.initial.get("slug"):
            return slug
        moved = moved_from(type(self.instance), [slug]) if self.moved is None else self.moved
        if slug in moved and moved[slug] != self.instance:
            raise ValidationError(f"This was an address of “{moved[slug]}” and leads there. Take another.")
        return slug

    def clean(self):
        cleaned = super().clean()
        if hasattr(type(self.instance), "makers"):
            # The rows inside the form ask for them, before the relations are saved.
            self.instance.makers = [*cleaned.get("companies", ()), *cleaned.get("institutions", ())]
        self.check_times(cleaned)
        return cleaned

    def check_times(self, cleaned):
        """In the words of who plans a withdrawal, and before a constraint would have to refuse."""
        start, end = cleaned.get("published_at"), cleaned.get("withdraw_at")
        if self.before.state == Record.State.PUBLISHED and "published_at" in cleaned and not start:
            cleaned["published_at"] = self.before.published_at
        needs_reason = end or self.before.state == Record.State.WITHDRAWN
        if needs_reason and "withdrawal_reason" in cleaned and not cleaned["withdrawal_reason"]:
            self.add_error("withdrawal_reason", "Say why: readers who follow an old link see it.")
        if self.before.standing == Standing.PUBLISHED and start and start > timezone.now():
            self.add_error(
                "published_at", "Readers see it already. To take it away, withdraw it with a reason."
            )
        if end and start and end <= start:
            self.add_error("withdraw_at", "It is withdrawn after it is published, not before.")
        elif end and end <= timezone.now() and not self.came_true():
            self.add_error("withdraw_at", "This time is past. To withdraw it now, press “Withdraw”.")

    def came_true(self):
        """Whether the withdrawal that the form names is the one that took the record away."""
        return self.before.standing == Standing.WITHDRAWN and "withdraw_at" not in self.changed_data


class StatedRecordForm(RecordForm):
    """A record whose state is a field, as in an imported row. Its statements come in a table of their own."""

    def clean(self):
        cleaned = super().clean()
        state = cleaned.get("state")
        if state == Record.State.PUBLISHED:
            cleaned["published_at"] = cleaned.get("published_at") or timezone.now().replace(microsecond=0)
            for name in (*self.needed, "summary"):
                self.ask_for(name, "A published record needs this.")
            self.ask_for("sources", "A published record needs at least one source for its summary and text.")
        elif state == Record.State.WITHDRAWN:
            self.ask_for("withdrawal_reason", "Say why: readers who follow an old link see it.")
        return cleaned

    def sentence(self, found):
        """A table has no box to tick."""
        names = ", ".join(sorted(name for _, name in found))
        return f"This name is here already: {names}. If it is another one, add it in the form."

    def ask_for(self, name, words):
        if name in self.cleaned_data and not self.cleaned_data[name]:
            self.add_error(name, words)
