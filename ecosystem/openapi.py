"""The OpenAPI 3.1 description of lists and records, drawn from filtersets and columns: it cannot drift."""

from django.conf import settings
from django.forms import ChoiceField, DateField, DecimalField
from django.http import QueryDict
from django.urls import reverse

from ecosystem.addresses import absolute
from ecosystem.columns import RELATIONS, STATEMENT
from ecosystem.edition import LICENCE
from ecosystem.models.record import SLUG
from ecosystem.options import MOST_OFFERED
from ecosystem.renderers import MEDIA_TYPES, WHOLE
from ecosystem.schemas import PROBLEM, listed, page_schema, record_schema, reference, schema_of_columns, thing

VERSION = "1.0.0"
SUMMARIES = {
    "json": "A page of {noun}",
    "csv": "All {noun} of a view, one row a record",
    "statements.csv": "What is stated about the {noun} of a view, one row a statement",
    "atom": "All {noun} of a view as a feed, newest publication first",
}
# A form sends its empty fields too: an empty value is as good as none.
BLANK = ""


def parameters(view):
    """What a list can be asked, as [{"name", "description", "schema", …}]."""
    filterset = view.filterset_class(QueryDict(), view.model.objects.published())
    return [
        {
            "name": name,
            "in": "query",
            "description": description(filterset, name),
            "schema": schema_of_field(field, name in filterset.facets),
        }
        for name, field in filterset.form.fields.items()
        if name not in filterset.PAGE_ONLY
    ]


def description(filterset, name):
    facet = filterset.facets.get(name)
    text = filterset.filters[name].label
    if facet and facet.default:
        text += f"; {' and '.join(facet.default)} unless given"
    return f"{text}. Repeat it for “or”." if facet else f"{text}."


def schema_of_field(field, is_facet):
    if is_facet:
        values = {"enum": [BLANK, *(str(value) for value, _ in field.choices)]}
        # Of all companies of a country the description would be nothing but their names.
        return listed({"type": "string", **(values if len(field.choices) <= MOST_OFFERED else {})})
    if isinstance(field, ChoiceField):
        return {"type": "string", "enum": [BLANK, *(value for value, _ in field.choices if value)]}
    if isinstance(field, DecimalField):
        bounds = {"minimum": int(field.min_value), "maximum": int(field.max_value)}
        return {"anyOf": [{"type": "integer", **bounds}, {"const": BLANK}]}
    if isinstance(field, DateField):
        return {"anyOf": [{"type": "string", "format": "date"}, {"const": BLANK}]}
    return {"type": "string", "maxLength": field.max_length}


def answer(text, media_type, schema):
    return {"description": text, "content": {media_type: {"schema": schema}}}


def refusal(text):
    return answer(text, "application/problem+json", reference("Problem"))


UNAVAILABLE = {
    **refusal("The data cannot be reached at the moment."),
    "headers": {
        "Retry-After": {
            "description": "Seconds after which to ask again.",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def operation(name, summary, tag, asked, answers):
    """What can be asked at an address; every one refuses parameters that it does not know."""
    refused = {"400": refusal("A parameter is not valid."), "503": UNAVAILABLE}
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": asked,
        "responses": answers | refused,
    }


def list_operation(view, suffix, asked):
    model, noun = view.model.__name__, str(view.model._meta.verbose_name_plural)
    if suffix in WHOLE:
        asked = [item for item in asked if item["name"] not in view.filterset_class.PAGING]
    schema = reference(f"{model}Page") if suffix == "json" else {"type": "string"}
    answers = {"200": answer("The view.", MEDIA_TYPES[suffix], schema)}
    if suffix not in WHOLE:
        answers["404"] = refusal("The list has no such page.")
    name = f"{view.model._meta.model_name}-{suffix.replace('.', '-')}"
    return operation(name, SUMMARIES[suffix].format(noun=noun), noun, asked, answers)


OLD_VERSION = {
    "name": "version",
    "in": "query",
    "description": "A version of the record from its history, instead of today's.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}


def record_operation(model, examples):
    key = {"name": "slug", "in": "path", "required": True, "description": "Its permanent name."}
    key["schema"] = {"type": "string", "pattern": SLUG.replace(r"\Z", "$"), "maxLength": 80}
    if examples:
        key["examples"] = {slug: {"value": slug} for slug in examples}
    answers = {
        "200": answer("The record.", "application/json", reference(f"{model.__name__}Record")),
        "404": refusal("There is no such record."),
    }
    asked = [key]
    if model in RELATIONS:
        asked.append(OLD_VERSION)
        answers["301"] = {"description": "Its slug is another one now; Location leads there."}
        answers["410"] = refusal("It was withdrawn; the reason is given.")
    summary = f"One {model._meta.verbose_name} with all that its page tells"
    tag = str(model._meta.verbose_name_plural)
    return operation(f"{model._meta.model_name}-record", summary, tag, asked, answers)


def paths_of(view):
    """{path: operation} of a list in its formats and of one of its records."""
    noun, asked = view.model._meta.model_name, parameters(view)
    paths = {
        reverse(f"{noun}-data", args=[suffix]): list_operation(view, suffix, asked)
        for suffix in view.suffixes
    }
    if view.has_records:
        key = view.model.natural_key_field
        examples = view.model.objects.published().order_by("pk").values_list(key, flat=True)[:2]
        paths[reverse(f"{noun}-json", args=["slug"]).replace("/slug.", "/{slug}.")] = record_operation(
            view.model, examples
        )
    return paths


def document(views, others):
    """The whole description of these list views, and of `others`: {path: operation}."""
    schemas = {"Problem": PROBLEM, "Statement": thing(schema_of_columns(STATEMENT))}
    for view in views:
        name = view.model.__name__
        schemas |= {name: thing(schema_of_columns(view.columns)), f"{name}Page": page_schema(view.model)}
        if view.has_records:
            schemas[f"{name}Record"] = record_schema(view.model)
    paths = {path: operation for view in views for path, operation in paths_of(view).items()} | others
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.SITE_NAME,
            "version": VERSION,
            "description": f"Every list and every record as data. {absolute(reverse('data'))} explains it.",
            "license": {"name": LICENCE["name"], "url": LICENCE["url"]},
        },
        "servers": [{"url": settings.SITE_URL}],
        "paths": {path: {"get": operation} for path, operation in paths.items()},
        "components": {"schemas": schemas},
    }
