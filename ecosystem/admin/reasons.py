"""Why something is changed: typed beside the change, and told with it in its history."""

from django import forms

from ecosystem.admin.fields import SentenceField
from ecosystem.changes import LONGEST_REASON, because
from ecosystem.models import Change
from ecosystem.roles import UNSEEN


class ReasonForm(forms.ModelForm):
    reason = SentenceField(
        required=False,
        max_length=LONGEST_REASON,
        label="Reason",
        help_text="Why you change it, or send it back. Stands beside the change in its history; "
        "readers see it with what they see.",
    )


class Reasons:
    """Asks for the reason below the form, and gives it to all that the form saves."""

    def get_fieldsets(self, request, obj=None):
        return [*super().get_fieldsets(request, obj), *self.reason_section(request, obj)]

    def reason_section(self, request, obj):
        """The last section of the form, for who may save it."""
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [("This change", {"fields": ["reason"]})] if may else []

    def save_model(self, request, obj, form, change):
        with because(form.cleaned_data.get("reason", "")):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        with because(form.cleaned_data.get("reason", "")):
            super().save_related(request, form, formsets, change)

    def render_change_form(self, request, context, obj=None, **kwargs):
        """Tell who works on a draft why it was changed last: sent back, say."""
        if obj and getattr(obj, "state", None) in UNSEEN:
            log = Change.objects.filter(kind=self.opts.model_name, object_id=obj.pk)
            context["last_change"] = log.select_related("user").first()
        return super().render_change_form(request, context, obj=obj, **kwargs)
