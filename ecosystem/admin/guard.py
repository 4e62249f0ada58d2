"""No save undoes a colleague's: a form is saved only onto the state in which it was opened."""

from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.urls import reverse

from ecosystem.admin.alignment import align
from ecosystem.admin.conflicts import Conflict
from ecosystem.journal import CONTENT
from ecosystem.models import Statement
from ecosystem.views.unsent import unsent
from ecosystem.whole import fingerprint, has_statements, state_of

FIELD = "_opened_as"
NOT_YOURS = "This cannot be saved any more: readers see it by now, or a colleague moved it on meanwhile."
DELETED = "A colleague deleted this after you opened it. Nothing of yours is saved."


class GuardedSaves:
    """Gives each form the state in which it was opened, and refuses it over another one.

    A save locks its row first: of two at once the second sees what the first has written. SQLite locks
    as a whole when the transaction begins.
    """

    def changeform_view(self, request, *args, **kwargs):
        """Check a form once more that the database refused: a colleague took its address, say, meanwhile."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PermissionDenied:
            if FIELD not in request.POST:
                raise
            # Whoever opened the form could have saved it then.
            return unsent(request, 403, NOT_YOURS)
        except IntegrityError:
            # Nothing of the first try came true, so neither do its messages.
            request._messages = default_storage(request)
            return super().changeform_view(request, *args, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is None or not self.is_guarded(request) or not self.has_change_permission(request, row):
            return row
        if request.method == "POST":
            lock(row)
        state = state_of(self.model, row.pk)
        # Read after its state was taken: what the form shows may be newer than the state, never older.
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.opened_as = fingerprint(state)
            if request.method == "POST" and request.POST.get(FIELD) != row.opened_as:
                row.conflict = Conflict(row, request.POST.get(FIELD), state)
        return row

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Not with what was typed: whoever saves what a colleague deleted is told, and keeps it."""
        if FIELD not in request.POST:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        history = reverse(f"admin:{opts.app_label}_{opts.model_name}_history", args=[object_id])
        return unsent(
            request, 410, DELETED, address=history, link="Its history, with what can be brought back"
        )

    def is_guarded(self, request):
        return self.model in CONTENT and self.is_change_form(request)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST" and obj.pk:
            rows = kwargs["queryset"].filter(**{obj._meta.model_name: obj})
            kwargs["queryset"] = align(kwargs["data"], prefix, rows, getattr(obj, "conflict", None))
        return kwargs

    def render_change_form(self, request, context, obj=None, **kwargs):
        conflict = getattr(obj, "conflict", None)
        if conflict:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["rivals"] = list(conflict.rivals(context["adminform"].form, formsets))
        response = super().render_change_form(request, context, obj=obj, **kwargs)
        response.status_code = 409 if conflict else response.status_code
        return response


def lock(row):
    """Lock a row with its statements, or a statement behind its record: in this order everywhere."""
    record = row.subject if isinstance(row, Statement) else row
    lock_rows(type(record), pk=record.pk)
    if has_statements(type(record)):
        lock_rows(Statement, **{record._meta.model_name: record})


def lock_rows(model, **lookup):
    list(model.objects.select_for_update().filter(**lookup).order_by("pk").values_list("pk"))
