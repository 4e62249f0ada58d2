"""Publishing and withdrawing several records at once: all in one transaction, each with its log entry."""

from collections import defaultdict

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils import timezone

from ecosystem.admin.fields import SentenceField
from ecosystem.admin.forms import lacks
from ecosystem.models.record import Record

State = Record.State


class WithdrawalForm(forms.Form):
    required_css_class = "required"
    reason = SentenceField(
        max_length=Record._meta.get_field("withdrawal_reason").max_length,
        help_text="Readers who follow an old link see it.",
        error_messages={"required": "Say why: readers who follow an old link see it."},
    )


def why_not_publish(record):
    """What stands against publishing it, in words; nothing if it may be published."""
    if record.state == State.PUBLISHED:
        return "published already"
    return " ".join(words for _, words in lacks(record.summary, record.sources.all()))


def why_not_withdraw(record):
    return "" if record.state == State.PUBLISHED else "not published"


class PublicationActions:
    """The bulk actions of a record's list."""

    actions = ["publish_selected", "withdraw_selected"]

    @admin.action(permissions=["publish"], description="Publish selected %(verbose_name_plural)s")
    def publish_selected(self, request, queryset):
        def publish(record):
            record.state = State.PUBLISHED
            record.published_at = record.published_at or timezone.now()
            return "Published."

        self.change_each(request, queryset.prefetch_related("sources"), why_not_publish, publish)

    @admin.action(permissions=["withdraw"], description="Withdraw selected %(verbose_name_plural)s")
    def withdraw_selected(self, request, queryset):
        form = WithdrawalForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self.ask_for_reason(request, queryset, form)

        def withdraw(record):
            record.state = State.WITHDRAWN
            record.withdrawal_reason = form.cleaned_data["reason"]
            return f"Withdrawn: {record.withdrawal_reason}"

        self.change_each(request, queryset, why_not_withdraw, withdraw)

    def ask_for_reason(self, request, queryset, form):
        context = {
            **self.admin_site.each_context(request),
            "title": f"Withdraw {self.opts.verbose_name_plural}",
            "form": form,
            "records": [(record, why_not_withdraw(record)) for record in queryset],
            "opts": self.opts,
            "media": self.media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/ecosystem/withdraw.html", context)

    def change_each(self, request, queryset, why_not, change):
        """Change the records that may be changed, one by one; tell how many, and why not the others."""
        done, skipped = [], defaultdict(list)
        with transaction.atomic():
            # Locked and read afresh, so that a colleague's save of a moment ago is not undone.
            for record in queryset.select_for_update(of=["self"]):
                if reason := why_not(record):
                    skipped[reason].append(record)
                    continue
                message = change(record)
                record.save()
                self.log_change(request, record, message)
                done.append(record)
        self.report(request, done, skipped)

    def report(self, request, done, skipped):
        if done:
            words = f"{len(done)} {model_ngettext(self.opts, len(done))} changed."
            self.message_user(request, words, messages.SUCCESS)
        for reason, records in skipped.items():
            names = ", ".join(map(str, records))
            self.message_user(request, f"{len(records)} left as before: {names} ({reason})", messages.WARNING)
