"""“I re-read the sources”: the one thing that moves the day on which a person last did."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.db import transaction
from django.utils import timezone

from ecosystem.changes import because
from ecosystem.models import Statement
from ecosystem.roles import permission

REASON = "The sources were read again."
MESSAGE = "Re-read the sources."


class RereadForm(forms.ModelForm):
    """A form with a box to tick; the day itself is no field of it."""

    reread = forms.BooleanField(
        required=False,
        label="I re-read the sources",
        help_text="Sets “checked on” to today. Tick it only if you opened them: nothing else moves that day.",
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reread"):
            self.instance.checked_on = timezone.localdate()
        return cleaned


class RereadRecordForm(RereadForm):
    reread_statements = forms.BooleanField(
        required=False,
        label="and those of every statement",
        help_text="For single statements tick the boxes beside them instead.",
    )


class Rereading:
    """The admin's part: actions of the list, and the boxes of a record's form that are about statements."""

    @admin.action(permissions=["change"], description="I re-read the sources")
    def mark_reread(self, request, queryset):
        self.reread_selected(request, queryset)

    @admin.action(permissions=["change"], description="I re-read the sources, also of all statements")
    def mark_reread_with_statements(self, request, queryset):
        self.reread_selected(request, queryset, with_statements=True)

    def reread_selected(self, request, queryset, with_statements=False):
        done, kept = [], []
        with transaction.atomic(), because(REASON):
            for row in queryset.select_for_update(of=["self"]):
                if not self.has_change_permission(request, row):
                    kept.append(row)
                    continue
                self.reread(request, row)
                if with_statements and self.may_reread_statements(request):
                    self.reread_statements(request, row.statements.all())
                done.append(row)
        if done:
            words = f"Sources read today: {len(done)} {model_ngettext(self.opts, len(done))}."
            self.message_user(request, words, messages.SUCCESS)
        if kept:
            names = ", ".join(map(str, kept))
            self.message_user(request, f"Not yours to change: {names}.", messages.WARNING)

    def reread(self, request, row):
        """Move the day alone: “changed” is for what says something else."""
        row.checked_on = timezone.localdate()
        row.save(update_fields=["checked_on"])
        self.log_change(request, row, MESSAGE)

    def may_reread_statements(self, request):
        return request.user.has_perm(permission("change", Statement))

    def reread_statements(self, request, statements):
        for statement in statements:
            self.reread(request, statement)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not self.may_reread_statements(request):
            return
        if form.cleaned_data.get("reread_statements"):
            self.reread_statements(request, form.instance.statements.all())
        else:
            ticked = (row for formset in formsets for row in getattr(formset, "reread_rows", ()))
            self.reread_statements(request, ticked)
