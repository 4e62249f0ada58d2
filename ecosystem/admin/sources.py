"""A new source: from a pasted address, with what is known already shown first."""

import json

from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from ecosystem.admin.forms import EditorialForm
from ecosystem.admin.reasons import ReasonForm
from ecosystem.models import Source
from ecosystem.normal import normal_url, pasted_url

# What a page most likely shares with the last one of its site.
SAME_SITE = ("publisher", "kind", "language")


class SourceForm(ReasonForm, EditorialForm):
    """Refuses a page that is a source already, and takes the publisher for the origin of an original."""

    is_popup = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "origin" in self.fields:
            self.fields["origin"].required = False
            self.fields["origin"].help_text += " Left empty: the publisher above."

    def clean_url(self):
        url = self.cleaned_data["url"]
        known = "url" in self.changed_data and Source.objects.at(url).exclude(pk=self.instance.pk).first()
        if known:
            page, words = ("choose", "Use it.") if self.is_popup else ("change", "Open it.")
            address = reverse(f"admin:ecosystem_source_{page}", args=[known.pk])
            link = format_html('<a href="{}">{}</a>', address, words)
            raise ValidationError(format_html("This page is a source already: {}. {}", known, link))
        return url

    def clean_origin(self):
        return self.cleaned_data["origin"] or self.cleaned_data.get("publisher", "")


class SourceEntry:
    """The parts of a source's admin that find one by its address, and add one where there is none."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("find/", wrap(self.find), name="ecosystem_source_find"),
            path("<int:pk>/choose/", wrap(self.choose), name="ecosystem_source_choose"),
            *super().get_urls(),
        ]

    def find(self, request):
        """The source at the address `url`, as a box of sources names it; empty if there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        source = Source.objects.at(pasted_url(request.GET.get("url", ""))).first()
        return JsonResponse({"id": str(source.pk), "text": str(source)} if source else {})

    def choose(self, request, pk):
        """Close the pop-up, and put this source into the box that it was opened from."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        source = get_object_or_404(Source, pk=pk)
        answer = json.dumps({"value": str(source.pk), "obj": str(source)})
        return SimpleTemplateResponse("admin/popup_response.html", {"popup_response_data": answer})

    def get_search_results(self, request, queryset, search_term):
        """An address finds its source however it is written."""
        found = queryset.at(pasted_url(search_term))
        return (
            (found, False) if found.exists() else super().get_search_results(request, queryset, search_term)
        )

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.is_popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
        return form

    def add_view(self, request, form_url="", extra_context=None):
        """Show what is there at the address that was pasted, before anybody describes it again."""
        known = request.method == "GET" and Source.objects.at(pasted_url(request.GET.get("url", ""))).first()
        if not known or not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "This page is a source already",
            "source": known,
            "is_popup": IS_POPUP_VAR in request.GET,
        }
        return TemplateResponse(request, "admin/ecosystem/source/known.html", context)

    def get_changeform_initial_data(self, request):
        """With a pasted address come publisher, kind and language of the last source from the same site."""
        initial = super().get_changeform_initial_data(request)
        if url := pasted_url(initial.get("url", "")):
            site = normal_url(url).partition("/")[0]
            like = Source.objects.filter(normal_url__startswith=f"{site}/").order_by("-pk").first()
            initial |= {name: getattr(like, name) for name in SAME_SITE} if like else {}
            initial["url"] = url
        return initial
