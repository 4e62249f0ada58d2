"""What an editor's form refuses, in words beside the field that has to change."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from ecosystem.admin.rereading import RereadRecordForm
from ecosystem.models import PreviousSlug
from ecosystem.models.record import Record

MOVES = "Readers know this address. If you change it, the old one leads to the new one for good."


def lacks(summary, sources):
    """What a record still needs before readers may see it: pairs of a field and a sentence."""
    if not summary:
        yield "summary", "A published record needs a summary."
    if not sources:
        yield "sources", "A published record needs at least one source for its summary and text."


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


class RecordForm(RereadRecordForm, EditorialForm):
    """Lets drafts be incomplete, and checks what readers are going to see."""

    # Whether this editor may move a record that readers know; the admin decides.
    may_move = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # As it stands in the database: validation writes what was typed into the instance.
        self.known_address = self.instance.slug if self.has_been_public() else None
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
        taken = PreviousSlug.objects.of_kind(self.instance._meta.model_name).filter(slug=slug)
        for previous in taken.exclude(**{self.instance._meta.model_name: self.instance.pk}):
            raise ValidationError(
                f"This was an address of “{previous.record}” and leads there. Take another."
            )
        return slug

    def clean(self):
        cleaned = super().clean()
        if hasattr(type(self.instance), "makers"):
            # The rows inside the form ask for them, before the relations are saved.
            self.instance.makers = [*cleaned.get("companies", ()), *cleaned.get("institutions", ())]
        state = cleaned.get("state")
        if state == Record.State.PUBLISHED:
            self.check_completeness(cleaned)
            cleaned["published_at"] = cleaned.get("published_at") or timezone.now().replace(microsecond=0)
        elif state == Record.State.WITHDRAWN and not cleaned.get("withdrawal_reason"):
            self.add_error("withdrawal_reason", "Say why: readers who follow an old link see it.")
        return cleaned

    def check_completeness(self, cleaned):
        for field, words in lacks(cleaned.get("summary"), cleaned.get("sources")):
            if not self.has_error(field):
                self.add_error(field, words)
