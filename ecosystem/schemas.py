"""What JSON looks like, as JSON Schema: a page of a list, a whole row, an error."""

from ecosystem.column_kinds import COUNT, INSTANT, LINK, TEXT, WORD
from ecosystem.columns import RELATIONS, SOURCE, TABLES
from ecosystem.models import Place, Sector, Source

COMPLETE = {"additionalProperties": False}


def thing(properties, **more):
    """The schema of an object that has all of these properties and no other."""
    return {"type": "object", "properties": properties, "required": list(properties), **COMPLETE, **more}


def listed(items):
    return {"type": "array", "items": items}


def schema_of_columns(columns):
    return {column.name: {**column.schema, "description": column.description} for column in columns}


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


EDITION = {
    "licence": thing({"name": WORD, "url": LINK, "excludes": TEXT}),
    "data_version": {**COUNT, "description": "Grows with every public change."},
    "data_date": {"type": ["string", "null"], "format": "date-time", "description": "Of that version."},
}
# A row to which another one points.
ROW = thing({"slug": WORD, "name": WORD, "url": LINK})
PROBLEM = {
    "type": "object",
    "description": "An error as in RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": listed(thing({"parameter": {"type": "string"}, "detail": {"type": "string"}})),
    },
    "required": ["type", "title", "status", "detail"],
    **COMPLETE,
}
CITED = {**listed(thing(schema_of_columns(SOURCE))), "description": "Every source of the page."}
STATEMENTS = listed(reference("Statement"))
LISTS = {
    "type": "object",
    "additionalProperties": thing({"total": COUNT, "url": LINK}),
    "description": "What is in it: how many the page counts, and where they are as data.",
}
# What a row's own address tells beyond its fields.
BESIDE = {
    **{
        model: {
            "relations": thing({name: listed(ROW) for name in names}),
            "statements": STATEMENTS,
            "cited": CITED,
        }
        for model, names in RELATIONS.items()
    },
    Source: {
        "statements": STATEMENTS,
        "records": {**listed(ROW), "description": "Pages whose text rests on it."},
    },
    Sector: {"lists": LISTS},
    Place: {
        "inside": {**listed(ROW), "description": "The places right inside it."},
        "lists": LISTS,
        "cited": CITED,
    },
}


def page_schema(model):
    option = thing({"value": WORD, "label": WORD, "count": COUNT})
    return thing(
        {
            "title": WORD,
            "total": COUNT,
            "page": COUNT,
            "pages": COUNT,
            "next": {**LINK, "type": ["string", "null"]},
            "previous": {**LINK, "type": ["string", "null"]},
            "filters": {
                "type": "object",
                "description": "Filters and order in force, defaults included.",
            },
            "left_out": {**COUNT, "description": "Records that a default of these filters hides."},
            "facets": {"type": "object", "additionalProperties": listed(option)},
            "records": listed(reference(model.__name__)),
            "url": LINK,
            **EDITION,
            "generated_at": INSTANT,
        }
    )


def record_schema(model):
    """A whole row, as its own address has it."""
    return thing({**schema_of_columns(TABLES[model]), **BESIDE[model], **EDITION})
