"""The inbox of reports from readers: what was reported, beside what the page says now, and the decision."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from ecosystem.admin.desk import QueueFilter
from ecosystem.admin.editorial import EditorialAdmin, day
from ecosystem.models import Correction

DECIDED_MEANWHILE = (
    "Somebody has decided this since you opened the form; it says so below. Nothing of yours is saved: look, "
    "and save again if you still want to."
)


def sources_of(row):
    """The sources of a statement or of a record's prose, as a list of links that lead to the documents."""
    return format_html_join(
        "",
        '<li><a href="{}" rel="noopener">{}</a>{}</li>',
        (
            (source.url, source, format_html(', <a href="{}">archived copy</a>', source.archive_url))
            if source.archive_url
            else (source.url, source, "")
            for source in row.sources.all()
        ),
    )


class DecisionForm(forms.ModelForm):
    """Asks for the reason, and notices when a colleague was faster."""

    forget = forms.BooleanField(
        required=False, label="Delete the contact now", help_text="As soon as nobody has a question left."
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.last_decision = str(self.instance.decided_at or "")
        self.initial["seen"] = self.last_decision
        if not self.instance.contact:
            self.fields.pop("forget", None)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("seen") != self.last_decision:
            # The next attempt knows of it.
            self.data = self.data.copy()
            self.data["seen"] = self.last_decision
            raise ValidationError(DECIDED_MEANWHILE)
        is_decided = cleaned.get("state") != Correction.State.OPEN
        if is_decided and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "Say why: readers see it in the log of corrections.")
        if {"state", "reason"} & set(self.changed_data):
            self.instance.decided_at = timezone.now() if is_decided else None
        if cleaned.get("forget"):
            self.instance.contact = ""
        return cleaned


@admin.register(Correction)
class CorrectionAdmin(EditorialAdmin):
    form = DecisionForm
    save_on_top = False
    ordering = Correction.OPEN_FIRST
    list_display = ["reference", "about", "report", "state", "received_on", "decided_on"]
    list_filter = [QueueFilter, "state"]
    search_fields = ["reference", "wrong", "right", "reason"]
    radio_fields = {"state": admin.HORIZONTAL}
    actions = ["delete_contacts"]
    readonly_fields = [
        "reference",
        "received_at",
        "about_record",
        "wrong",
        "right",
        "evidence",
        "contact",
        "says_now",
        "decided_at",
        "decided_by",
    ]

    def get_fieldsets(self, request, obj=None):
        contact = ["contact"]
        if obj and obj.contact and self.has_change_permission(request, obj):
            contact.append("forget")
        return [
            ("What the reader reports", {"fields": ["about_record", "wrong", "right", "evidence", *contact]}),
            ("What the page says now", {"fields": ["says_now"]}),
            ("Decision", {"fields": ["state", "reason", "seen"]}),
            (
                "Times",
                {"fields": [("reference", "received_at"), ("decided_at", "decided_by")]},
            ),
        ]

    def get_readonly_fields(self, request, obj=None):
        may_decide = self.has_change_permission(request, obj)
        return [*self.readonly_fields, *([] if may_decide else ["state", "reason"])]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("statement").prefetch_related("record")

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        if {"state", "reason"} & set(form.changed_data):
            obj.decided_by = request.user if obj.decided_at else None
        super().save_model(request, obj, form, change)

    def view_on_site(self, correction):
        return correction.get_absolute_url()

    @admin.display(description="about")
    def about(self, correction):
        said = correction.statement
        return f"{correction.record_name}, {said.label}" if said else correction.record_name

    @admin.display(description="what is wrong", ordering="wrong")
    def report(self, correction):
        return Truncator(correction.wrong).words(16)

    @admin.display(description="received", ordering="received_at")
    def received_on(self, correction):
        return day(timezone.localtime(correction.received_at))

    @admin.display(description="decided", ordering="decided_at")
    def decided_on(self, correction):
        return correction.decided_at and day(timezone.localtime(correction.decided_at))

    @admin.display(description="about")
    def about_record(self, correction):
        edit = reverse(f"admin:ecosystem_{correction.kind}_change", args=[correction.object_id])
        link = format_html('<a href="{}">Open the {}’s form</a>', edit, correction.kind)
        if not correction.record:
            return format_html("{}. {}", correction.record_name, link)
        page = correction.statement_address or correction.record.get_absolute_url()
        return format_html('<a href="{}">{}</a>. {}', page, correction.record_name, link)

    @admin.display(description="on the page")
    def says_now(self, correction):
        said, record = correction.statement, correction.record
        if said:
            facts = [said, said.get_status_display(), said.date and said.date.readable, said.note]
            edit = reverse("admin:ecosystem_statement_change", args=[said.pk])
            link = format_html('<p><a href="{}">Open the statement’s form</a></p>', edit)
        elif record:
            facts, link = [record.summary], ""
        else:
            return "Nothing that readers see."
        words = format_html_join("", "<p>{}</p>", ((fact,) for fact in facts if fact))
        return format_html("{}<ul>{}</ul>{}", words, sources_of(said or record), link)

    @admin.action(permissions=["change"], description="Delete the contact of selected corrections")
    def delete_contacts(self, request, queryset):
        having = list(queryset.exclude(contact=""))
        for correction in having:
            correction.contact = ""
            correction.save(update_fields=["contact"])
            self.log_change(request, correction, "Deleted the contact.")
        self.message_user(request, f"Contacts deleted: {len(having)}.", messages.SUCCESS)
