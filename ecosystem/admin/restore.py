"""Bringing back an earlier version of a record, or a record that was deleted."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from ecosystem.admin.fields import SentenceField
from ecosystem.admin.guard import lock
from ecosystem.admin.history import history_address, model_of
from ecosystem.admin.steps import faults_of, sentence_of
from ecosystem.changes import because
from ecosystem.models import RECORDS, Change
from ecosystem.models.record import Record
from ecosystem.restoring import Restoration
from ecosystem.versions import EDITORS, differences
from ecosystem.whole import apart, fingerprint, names_of

DELETED_A_PAGE = 50
CHANGED_MEANWHILE = (
    "Somebody saved this record after you opened the page. Look again: this is what would change now."
)


class RestoreForm(forms.Form):
    required_css_class = "required"
    reason = SentenceField(
        max_length=200, help_text="It goes into the history, which readers see of what is public."
    )
    seen = forms.CharField(widget=forms.HiddenInput)


def faults_if_published(row):
    is_seen = isinstance(row, RECORDS) and row.state == Record.State.PUBLISHED
    return faults_of(row) if is_seen else {}


def in_words(change):
    return f"the version of {date_format(timezone.localtime(change.at), 'DATETIME_FORMAT')}"


class Restoring:
    """The pages of the change log that bring something back."""

    def get_urls(self):
        restore, deleted = (self.admin_site.admin_view(view) for view in (self.restore, self.deleted))
        return [
            path("<int:pk>/restore/", restore, name="ecosystem_change_restore"),
            path("deleted/", deleted, name="ecosystem_change_deleted"),
            *super().get_urls(),
        ]

    def deleted(self, request):
        """Records that are gone, newest first, each with the way back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        gone = Change.objects.newest_states().filter(action=Change.Action.DELETED).select_related("user")
        page = Paginator(gone, DELETED_A_PAGE).get_page(request.GET.get("page"))
        last = {(state.kind, state.object_id): state.whole for state in last_states(page.object_list)}
        rows = [(change, last.get((change.kind, change.object_id))) for change in page.object_list]
        context = {
            **self.admin_site.each_context(request),
            "title": "Deleted records",
            "opts": self.opts,
            "rows": [
                (change, whole and (whole.get("name") or whole.get("title")), history_address(*owner(change)))
                for change, whole in rows
            ],
            "page": page,
        }
        return TemplateResponse(request, "admin/ecosystem/deleted.html", context)

    def restore(self, request, pk):
        """Show what a version would change (GET), and write it (POST)."""
        change = get_object_or_404(Change, pk=pk)
        model, owner_admin = model_of(change), self.admin_site.get_model_admin(model_of(change))
        with transaction.atomic():
            row = model._base_manager.filter(pk=change.object_id).first()
            if not owner_admin.has_restore_permission(request, row):
                raise PermissionDenied
            if change.whole is None:
                raise Http404("Nothing of this version was kept.")
            if row and request.method == "POST":
                lock(row)
            restoration = Restoration(model, change.object_id, change.whole)
            token = fingerprint(restoration.now)
            form = RestoreForm(request.POST or None, initial={"seen": token})
            if request.method == "POST" and form.is_valid() and not restoration.obstacles:
                if form.cleaned_data["seen"] != token:
                    form.add_error(None, CHANGED_MEANWHILE)
                    form.data = form.data.copy()
                    form.data["seen"] = token
                elif not (found := self.write(restoration, change, form.cleaned_data["reason"])):
                    return self.restored(request, restoration, change)
                else:
                    transaction.set_rollback(True)
                    for fault in found:
                        form.add_error(None, sentence_of(fault))
        return self.confirm(request, change, restoration, form, owner_admin)

    def write(self, restoration, change, reason):
        """Restore it, and return what only now speaks against a record that readers see: [Fault]."""
        known = faults_if_published(restoration.row)
        with because(f"Restored {in_words(change)}: {reason}"):
            row = restoration.apply()
        return [fault for key, fault in faults_if_published(row).items() if key not in known]

    def restored(self, request, restoration, change):
        words, owner_admin = (
            f"Restored {in_words(change)}",
            self.admin_site.get_model_admin(restoration.model),
        )
        row = restoration.model._base_manager.get(pk=restoration.key)
        owner_admin.log_change(request, row, f"{words}.")
        self.message_user(request, f"{words} of {row}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:ecosystem_{change.kind}_change", args=[row.pk]))

    def confirm(self, request, change, restoration, form, owner_admin):
        pair = restoration.now or {}, restoration.target
        names = names_of(restoration.model, apart(*pair))
        name = restoration.row or restoration.target.get("name") or restoration.target.get("title")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Restore {in_words(change)} of {name}",
            "opts": owner_admin.opts,
            "change": change,
            "restoration": restoration,
            "differences": list(differences(restoration.model, *pair, names, EDITORS)),
            "form": form,
            "history": history_address(*owner(change)),
            "media": owner_admin.media,
        }
        return TemplateResponse(request, "admin/ecosystem/restore.html", context)


def owner(change):
    return change.kind, change.object_id


def last_states(changes):
    """The last whole states of these records; of those of other kinds with the same keys as well."""
    keys = [change.object_id for change in changes]
    return Change.objects.filter(object_id__in=keys).newest_whole()
