"""What editors look up: words and rules of the portal on one page, and what their Markdown becomes."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST, require_safe

from ecosystem.models import RECORDS, Source
from ecosystem.models.record import Record
from ecosystem.roles import TABLE
from ecosystem.status import DEFINITIONS

State = Record.State
STATES = {
    State.DRAFT: "Only editors see it. It may be incomplete.",
    State.IN_REVIEW: "Its author is done; a reviewer reads it and publishes it, or sends it back.",
    State.PUBLISHED: "Readers see it from its time of publication on; a time ahead is a schedule. "
    "It has a summary, and a source for its text.",
    State.WITHDRAWN: "Readers who follow an old link are told that it is gone, and why.",
}
LONGEST_TEXT = Record._meta.get_field("body").max_length


def named(models):
    """The models of a row of the table of roles, in words."""
    words = [str(model._meta.verbose_name_plural) for model in models if model not in RECORDS]
    return ", ".join([*(["records"] if set(RECORDS) <= set(models) else []), *words])


def roles():
    """[(role, [(what it may do, with what)])], each role with what those before it do not hold."""
    return [
        (role, [(capfirst(", ".join(actions.split())), named(models)) for models, actions in rows])
        for role, rows in TABLE.items()
    ]


@require_safe
def help_page(request):
    context = {
        **admin.site.each_context(request),
        "title": "Help for editors",
        "statuses": DEFINITIONS.items(),
        "source_kinds": Source.Kind.labels,
        "states": STATES.items(),
        "roles": roles(),
    }
    return TemplateResponse(request, "admin/ecosystem/help.html", context)


@require_POST
def preview_text(request):
    """The Markdown of a field as readers would see it: a page, or for the script the text alone."""
    text = request.POST.get(request.POST.get("preview", ""), "")[:LONGEST_TEXT]
    context = {**admin.site.each_context(request), "title": "Preview", "text": text}
    name = "_text.html" if "alone" in request.POST else "text.html"
    return TemplateResponse(request, f"admin/ecosystem/{name}", context)
