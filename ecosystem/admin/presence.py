"""Two people at one form: the second is told before they type, and not only when they save."""

import logging

from django.db import OperationalError
from django.db.models import OuterRef, Subquery

from ecosystem.models import Opening

logger = logging.getLogger(__name__)


class Presence:
    """Notes who opens a form, and tells them who else did lately and has not saved it since."""

    def get_queryset(self, request):
        """Each row comes with its colleague: to ask for them alone would be one more query."""
        rows = super().get_queryset(request)
        if not self.is_change_form(request):
            return rows
        others = Opening.objects.of(self.model, OuterRef("pk")).lately().exclude(user=request.user)
        newest = others.order_by("-at", "-pk")
        return rows.annotate(
            colleague=Subquery(newest.values("user__username")[:1]),
            colleague_since=Subquery(newest.values("at")[:1]),
        )

    def is_change_form(self, request):
        return request.resolver_match.url_name == f"{self.opts.app_label}_{self.opts.model_name}_change"

    def render_change_form(self, request, context, obj=None, **kwargs):
        if obj and self.is_change_form(request) and self.has_change_permission(request, obj):
            self.note_opening(obj, request.user)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def note_opening(self, obj, user):
        """A form can be read, and what it says copied, also while the database takes no writes."""
        opening = Opening(kind=self.opts.model_name, object_id=obj.pk, user=user)
        key = ["kind", "object_id", "user"]
        try:
            Opening.objects.bulk_create(
                [opening], update_conflicts=True, unique_fields=key, update_fields=["at"]
            )
        except OperationalError:
            logger.warning("Cannot note who opened a form: %s", obj, exc_info=True)

    def response_change(self, request, obj):
        """It is saved: who goes on editing opens it anew."""
        Opening.objects.of(self.model, obj.pk).filter(user=request.user).delete()
        return super().response_change(request, obj)
