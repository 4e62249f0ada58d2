"""The history of a record for its editors: who changed what and when, held-back parts included."""

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse

from ecosystem.journal import CONTENT
from ecosystem.models import Change, Statement
from ecosystem.versions import EDITORS, differences
from ecosystem.whole import names_of

ENTRIES = 20


class RecordHistory:
    """Takes the history from the change log, which knows the fields; Django's own knows their names alone."""

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, unquote(object_id))
        if self.model not in CONTENT:
            return super().history_view(request, object_id, extra_context)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if self.model is Statement and row:
            # A statement is part of its record, and changes with it.
            owner = self.admin_site.get_model_admin(type(row.subject))
            return owner.history_view(request, str(row.subject.pk), extra_context)
        log = Change.objects.filter(kind=self.opts.model_name, object_id=whole_number(object_id))
        if row is None and not log.exists():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        page = Paginator(log.select_related("user"), ENTRIES).get_page(request.GET.get("page"))
        entries = list(told(self.model, page.object_list, log))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row or (entries and entries[0].name_then) or self.opts.verbose_name}",
            "opts": self.opts,
            "original": row,
            "entries": entries,
            "newest": log.values_list("pk", flat=True).first(),
            "page": page,
            "comparison": comparison(self.model, log, request.GET),
            "may_restore": self.has_restore_permission(request, row),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/ecosystem/history.html", context)

    def has_restore_permission(self, request, row):
        """Who may change a record may restore it; who may delete one may bring it back."""
        if row is None:
            return self.has_delete_permission(request)
        return self.has_change_permission(request, row)


def whole_number(text):
    if not (text.isdecimal() and len(text) < 19):
        raise Http404
    return int(text)


def told(model, changes, log):
    """The changes, each with its `differences` from the state before it; None where nothing was kept."""
    changes = list(changes)
    earlier = log.filter(pk__lt=changes[-1].pk, whole__isnull=False).first() if changes else None
    wholes = [change.whole for change in (*changes, earlier) if change and change.whole]
    names = names_of(model, wholes)
    before = earlier and earlier.whole
    for change in reversed(changes):
        change.differences, change.name_then = None, None
        if change.whole is None:
            continue
        change.name_then = change.whole.get("name") or change.whole.get("title")
        if before is not None:
            change.differences = list(differences(model, before, change.whole, names, EDITORS))
        before = change.whole
    return changes


def comparison(model, log, query):
    """Two states that the page was asked to compare, the older first, with their differences; or None."""
    keys = {key for name in ("a", "b") if (key := query.get(name, "")).isdecimal() and len(key) < 19}
    pair = list(log.filter(pk__in=keys, whole__isnull=False).order_by("pk"))
    if len(pair) < 2:
        return {"is_asked": bool({"a", "b"} & query.keys())}
    older, newer = pair
    names = names_of(model, [older.whole, newer.whole])
    found = list(differences(model, older.whole, newer.whole, names, EDITORS))
    return {"is_asked": True, "older": older, "newer": newer, "differences": found}


def history_address(kind, key):
    return reverse(f"admin:ecosystem_{kind}_history", args=[key])


def model_of(change):
    return apps.get_model("ecosystem", change.kind)
