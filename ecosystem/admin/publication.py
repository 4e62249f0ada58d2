"""Steps of several records at once: all in one transaction, each with its log entry."""

from collections import defaultdict

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from ecosystem.admin.fields import SentenceField
from ecosystem.content_checks import faults
from ecosystem.models.record import Record
from ecosystem.workflow import STEPS, why_not

PLURAL = "selected %(verbose_name_plural)s"


class WithdrawalForm(forms.Form):
    required_css_class = "required"
    reason = SentenceField(
        max_length=Record._meta.get_field("withdrawal_reason").max_length,
        help_text="Readers who follow an old link see it.",
        error_messages={"required": "Say why: readers who follow an old link see it."},
    )


class PublicationActions:
    """The bulk actions of a record's list, and the page that withdraws a single record."""

    actions = ["review_selected", "publish_selected", "withdraw_selected"]

    @admin.action(permissions=["change"], description=f"Send {PLURAL} to review")
    def review_selected(self, request, queryset):
        self.take_each(request, STEPS["review"], queryset)

    @admin.action(permissions=["publish"], description=f"Publish {PLURAL}")
    def publish_selected(self, request, queryset):
        self.take_each(request, STEPS["publish"], queryset)

    @admin.action(permissions=["withdraw"], description=f"Withdraw {PLURAL}")
    def withdraw_selected(self, request, queryset):
        form = WithdrawalForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self.ask_for_reason(request, queryset, form)
        self.take_each(request, STEPS["withdraw"], queryset, form.cleaned_data["reason"])

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_withdraw"
        view = self.admin_site.admin_view(self.withdraw_view)
        return [path("<path:object_id>/withdraw/", view, name=name), *super().get_urls()]

    def withdraw_view(self, request, object_id):
        """The same for one record, which its form links to."""
        record = self.get_object(request, unquote(object_id))
        if not self.has_withdraw_permission(request, record):
            raise PermissionDenied
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        question = self.withdraw_selected(request, self.get_queryset(request).filter(pk=record.pk))
        change = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])
        return question or redirect(change)

    def ask_for_reason(self, request, queryset, form):
        context = {
            **self.admin_site.each_context(request),
            "title": f"Withdraw {self.opts.verbose_name_plural}",
            "form": form,
            "records": [(row, why_not(STEPS["withdraw"], request.user, row)) for row in queryset],
            "opts": self.opts,
            "media": self.media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/ecosystem/withdraw.html", context)

    def take_each(self, request, step, queryset, reason=""):
        """Move the records that may be moved, one by one; tell how many, and why not the others."""
        done, skipped = [], defaultdict(list)
        with transaction.atomic():
            # Locked and read afresh, so that a colleague's save of a moment ago is not undone.
            records = list(queryset.select_for_update(of=["self"]))
            found = faults(queryset) if step.target == Record.State.PUBLISHED else {}
            for record in records:
                if obstacle := why_not(step, request.user, record, found.get(record.pk, ())):
                    skipped[obstacle].append(record)
                    continue
                step.take(record, reason)
                record.save()
                self.log_change(request, record, f"{step.label}: {reason}".rstrip(": "))
                done.append(record)
        self.report(request, done, skipped)

    def report(self, request, done, skipped):
        if done:
            words = f"{len(done)} {model_ngettext(self.opts, len(done))} changed."
            self.message_user(request, words, messages.SUCCESS)
        for reason, records in skipped.items():
            names = ", ".join(map(str, records))
            self.message_user(request, f"{len(records)} left as before: {names} ({reason})", messages.WARNING)
