"""Taking back the links to a record's preview that were handed out: a page that asks first."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from ecosystem.models import Revocation


class PreviewLinks:
    """For who may change the record; the preview links here."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_revoke"
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<path:object_id>/revoke/", view, name=name), *super().get_urls()]

    def revoke_view(self, request, object_id):
        record = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        kind = self.opts.model_name
        if request.method == "POST":
            Revocation.objects.create(kind=kind, object_id=record.pk, user=request.user)
            self.log_change(request, record, "Took back the links to its preview.")
            words = f"{record}: links to its preview that were handed out before show nothing any more."
            self.message_user(request, words, messages.SUCCESS)
            return redirect(reverse(f"admin:ecosystem_{kind}_change", args=[record.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Take back the links to the preview of {record}",
            "opts": self.opts,
            "original": record,
            "last": Revocation.objects.select_related("user").last_of(kind, record.pk),
        }
        return TemplateResponse(request, "admin/ecosystem/revoke.html", context)
