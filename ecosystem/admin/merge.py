"""Merging two companies: choose the other, see what moves, choose between values, give a reason."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst

from ecosystem.admin.fields import SentenceField
from ecosystem.admin.guard import lock
from ecosystem.admin.statement_forms import primary_keys
from ecosystem.admin.steps import sentence_of
from ecosystem.merging import OTHER, Merge
from ecosystem.models import Company
from ecosystem.roles import may
from ecosystem.whole import fingerprint, whole_snapshots

CHANGED_MEANWHILE = "Somebody saved one of the two after you opened the page. Look again before you merge."


class OtherForm(forms.Form):
    """Which company is the same one."""

    required_css_class = "required"
    other = forms.ModelChoiceField(Company.objects.all(), label="The company that goes")

    def __init__(self, *args, kept, site, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"].widget = AutocompleteSelect(Company._meta.get_field("parent"), site)
        self.fields["other"].widget.choices = self.fields["other"].choices
        self.kept = kept

    def clean_other(self):
        if self.cleaned_data["other"] == self.kept:
            raise forms.ValidationError("That is the company that stays. Choose another.")
        return self.cleaned_data["other"]


class MergeForm(forms.Form):
    """One choice for each field that differs; an empty value here gives way to one there."""

    required_css_class = "required"
    reason = SentenceField(max_length=150, help_text="Readers see it in the history of both.")
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, merge, **kwargs):
        super().__init__(*args, **kwargs)
        for field, here, there in merge.conflicts:
            self.fields[field.name] = forms.ChoiceField(
                label=capfirst(field.verbose_name),
                choices=[("kept", here or "(empty)"), (OTHER, there or "(empty)")],
                initial="kept" if here else OTHER,
                widget=forms.RadioSelect,
            )

    def choices(self):
        return [self[name] for name in self.fields if name not in ("reason", "seen")]


class Merging:
    """The page that merges another company into this one."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.merge)
        return [path("<int:pk>/merge/", view, name="ecosystem_company_merge"), *super().get_urls()]

    def has_merge_permission(self, request):
        return may(request.user, "merge", self.model)

    @admin.action(permissions=["merge"], description="Merge the two selected %(verbose_name_plural)s")
    def merge_selected(self, request, queryset):
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            self.message_user(request, "Choose exactly two companies to merge.", messages.WARNING)
            return None
        return HttpResponseRedirect(merge_address(*chosen))

    def merge(self, request, pk):
        if not self.has_merge_permission(request):
            raise PermissionDenied
        kept = get_object_or_404(Company, pk=pk)
        # Django's box takes a text that can be no key for a programmer's mistake.
        asked = {"other": next(iter(primary_keys(request.GET.getlist("other"))), "")} if request.GET else None
        choice = OtherForm(asked, kept=kept, site=self.admin_site)
        if not choice.is_valid():
            return self.merge_page(request, kept, "Which company is the same?", choice=choice)
        return self.merge_both(request, kept, choice.cleaned_data["other"])

    def merge_both(self, request, kept, other):
        with transaction.atomic():
            if request.method == "POST":
                for company in sorted((kept, other), key=lambda row: row.pk):
                    lock(company)
                    company.refresh_from_db()
            merge = Merge(kept, other)
            token = fingerprint(whole_snapshots(Company, [kept.pk, other.pk]))
            form = MergeForm(request.POST or None, merge=merge, initial={"seen": token})
            if request.method == "POST" and form.is_valid() and not merge.obstacles:
                if form.cleaned_data["seen"] == token:
                    name = str(other)
                    found = merge.apply(form.cleaned_data, form.cleaned_data["reason"])
                    if not found:
                        return self.merged(request, kept, name)
                    transaction.set_rollback(True)
                    for fault in found:
                        form.add_error(None, sentence_of(fault))
                else:
                    form.add_error(None, CHANGED_MEANWHILE)
                    form.data = form.data.copy()
                    form.data["seen"] = token
        if form.is_bound:
            # What was undone still stands in the objects.
            kept, other = (Company.objects.get(pk=company.pk) for company in (kept, other))
        return self.merge_page(
            request, kept, f"Merge {other} into {kept}", merge=Merge(kept, other), form=form
        )

    def merged(self, request, kept, name):
        self.log_change(request, kept, f"Merged with {name}.")
        self.message_user(
            request, f"{name} is merged into {kept}, and its address leads here.", messages.SUCCESS
        )
        return HttpResponseRedirect(reverse("admin:ecosystem_company_change", args=[kept.pk]))

    def merge_page(self, request, kept, title, choice=None, merge=None, form=None):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": kept,
            "choice": choice,
            "merge": merge,
            "form": form,
            "moves": [(words, rows) for words, rows in merge.moves() if rows] if merge else (),
            "swapped": merge and merge_address(merge.other, kept),
            "media": self.media + (choice.media if choice else forms.Media()),
        }
        return TemplateResponse(request, "admin/ecosystem/merge.html", context)


def merge_address(kept, other):
    return f"{reverse('admin:ecosystem_company_merge', args=[kept.pk])}?other={other.pk}"
