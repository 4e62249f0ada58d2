"""Two people at one form: the second is told before they type, and not only when they save."""

from django.db.models import OuterRef, Subquery

from ecosystem.models import Opening


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
            opening = Opening(kind=self.opts.model_name, object_id=obj.pk, user=request.user)
            Opening.objects.bulk_create(
                [opening],
                update_conflicts=True,
                unique_fields=["kind", "object_id", "user"],
                update_fields=["at"],
            )
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def response_change(self, request, obj):
        """It is saved: who goes on editing opens it anew."""
        Opening.objects.of(self.model, obj.pk).filter(user=request.user).delete()
        return super().response_change(request, obj)
