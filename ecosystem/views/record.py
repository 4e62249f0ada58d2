"""The page of one record, or of one other public row, and the same as JSON."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_safe

from ecosystem.addresses import alternate
from ecosystem.citations import Bibliography, disputed, sections, timeline
from ecosystem.columns import BODY, SOURCE, STATEMENT, as_dict, links
from ecosystem.edition import citation, dated, edition, edition_of
from ecosystem.history import History, read
from ecosystem.linked_data import breadcrumbs
from ecosystem.plain import plan
from ecosystem.renderers import LICENCE, json_response, problem
from ecosystem.views.errors import moved, refusal, strangers, whole_number


@method_decorator(require_safe, name="dispatch")
class DetailView(View):
    """One public row as a page and as JSON, each of which says where the other is."""

    model = None
    columns = ()
    parameters = ()

    def get(self, request, slug, suffix=None):
        row = get_object_or_404(self.get_queryset(), **{self.model.natural_key_field: slug})
        return (suffix and strangers(request.GET)) or self.answer(row, suffix)

    def get_queryset(self):
        return self.model.objects.published()

    def answer(self, row, suffix):
        response = self.get_data(row) if suffix else self.get_page(row)
        response["Link"] = self.other_form(row, suffix)
        return dated(response)

    def other_form(self, row, suffix):
        if suffix:
            return alternate(row.get_absolute_url(), "text/html")
        return alternate(self.address("json", row), "application/json")

    def address(self, view, row):
        return reverse(f"{self.model._meta.model_name}-{view}", args=row.natural_key())

    def get_data(self, row, state=None):
        """All of it as JSON; `state` is that of the data which it is from, if that is no more today's."""
        row_alone, state = as_dict(self.columns, row), state or edition()
        return json_response(row_alone | self.beside(row) | {"licence": LICENCE, **state})

    def beside(self, row):
        """What the JSON tells besides the columns: that of schemas.BESIDE."""
        return {}

    def get_page(self, row):
        noun = self.model._meta.model_name
        context = {
            noun: row,
            "json_address": self.address("json", row),
            "linked_data_blocks": self.linked_data(row),
        }
        return render(self.request, f"ecosystem/{noun}_detail.html", context | self.surroundings(row))

    def linked_data(self, row):
        meta = self.model._meta
        crumb = (meta.verbose_name_plural.capitalize(), reverse(f"{meta.model_name}-list"))
        return [breadcrumbs(crumb, *self.path_to(row))]

    def path_to(self, row):
        """(name, address) of the rows that lead to this one, and of itself."""
        return [(row.name, row.get_absolute_url())]

    def surroundings(self, row):
        """What else a page of this kind shows, as template context."""
        return {}


class RecordDetailView(DetailView):
    """One published record; a withdrawn one answers 410 with the reason."""

    parameters = ("version",)

    def get(self, request, slug, suffix=None):
        record = next(plan(self.model, "for_detail", "slug").in_order([slug]), None)
        if record is None:
            return self.get_withdrawn(slug, suffix)
        if suffix and (answer := strangers(request.GET, "version")):
            return answer
        if "version" in request.GET:
            return self.get_version(record.pk, suffix)
        return self.answer(record, suffix)

    def get_version(self, key, suffix):
        """The record as readers saw it once. No search engine should take it for today's."""
        past = History(self.model._meta.model_name, key)
        number, fault = whole_number(self.request.GET, "version")
        change = past.version(number) if number else None
        if change is None:
            status, sentence = (400, fault) if fault else (404, past.no_version(number))
            return refusal(self.request, status, "version", sentence, suffix)
        record = self.model.objects.published().for_detail().get(pk=key)
        old = read(record, change, self.address("history", record))
        response = self.get_data(old, edition_of(change)) if suffix else self.get_page(old, change)
        response["X-Robots-Tag"] = "noindex"
        return response

    def get_withdrawn(self, slug, suffix):
        record = self.model.objects.withdrawn().filter(slug=slug).first()
        if record is None and (redirect := moved(self.request, self.model._meta.model_name, slug)):
            return redirect
        if suffix and record:
            return problem(410, f"This record was withdrawn. {record.withdrawal_reason}")
        if suffix:
            return problem(404, "There is no such record.")
        if record is None:
            raise Http404
        return render(self.request, "410.html", {"record": record}, status=410)

    def beside(self, record):
        statements = record.statements.all()
        sources = {source.key: source for source in record.sources.all()}
        sources |= {source.key: source for row in statements for source in row.sources.all()}
        return as_dict([BODY], record) | {
            "relations": links(record),
            "statements": [as_dict(STATEMENT, statement) for statement in statements],
            "cited": [as_dict(SOURCE, source) for source in sources.values()],
        }

    def get_page(self, record, version=None, preview=None):
        """`version` is the change that left the record so; `preview` what the banner over a draft tells."""
        noun = self.model._meta.model_name
        bibliography = Bibliography()
        prose_marks = bibliography.cite(record.sources.all())
        query = f"?version={version.number}" if version else ""
        shown = sections(record.statements.all(), bibliography)
        beside, moments = timeline(shown, self.dated_relations(record))
        context = {
            "record": record,
            "meta": self.model._meta,
            "list_address": reverse(f"{noun}-list"),
            "json_address": self.address("json", record) + query,
            "history_address": self.address("history", record),
            "version": version,
            "preview": preview,
            "prose_marks": prose_marks,
            "sections": beside,
            "kinds": {section.kind for section in shown},
            "disputed": disputed(shown),
            "not_known": self.not_known(record),
            "moments": moments,
            "bibliography": bibliography.entries,
            "cite": citation(f"{record.name} {record.name_zh}".strip(), record.get_absolute_url() + query),
        }
        if not version:
            context |= {"linked_data_blocks": self.linked_data(record)} | self.surroundings(record)
        return render(self.request, f"ecosystem/{noun}_detail.html", context)

    def not_known(self, record):
        """Names of the columns that nothing seen so far could fill."""
        empty = (name for name in self.model.worth_knowing if getattr(record, name) in ("", None))
        return [self.model._meta.get_field(name).verbose_name for name in empty]

    def dated_relations(self, record):
        """Other records that belong into this one's timeline."""
        return ()
