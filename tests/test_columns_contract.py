"""Fields have one source of truth: what one place knows, every other place knows too."""

import csv
import io

import pytest
from django.apps import apps
from django.urls import reverse

from ecosystem.columns import BODY, RELATIONS, STATEMENT, TABLES
from ecosystem.dataset import table_schema
from ecosystem.models import RECORDS, Statement
from ecosystem.openapi import document
from ecosystem.schemas import BESIDE, record_schema, schema_of_columns
from ecosystem.views.data import LISTS
from tests.builders import populate
from tests.pages import DETAILED, address

pytestmark = pytest.mark.django_db

# Fields of models that are deliberately no data, and why.
UNPUBLISHED = {
    "id": "slugs and references are permanent, numbers are not",
    "state": "only what is published is there",
    "withdraw_at": "a plan of the editors",
    "withdrawal_reason": "a withdrawn record answers with it",
    "position": "the order of statements shows it",
    "draft": "drafts are not there",
    "link_state": "a matter between editors and the checker of links",
    "link_tried_at": "likewise",
    "link_failures": "likewise",
    "link_failing_since": "likewise",
    "link_detail": "likewise",
    "normal_url": "only compares addresses",
}
# Fields that statements publish as their record.
SUBJECTS = {*Statement.SUBJECTS}

# Version 1: none of these may ever go or be renamed. New fields may come.
FROZEN = {
    "company": """slug name name_zh summary legal_name other_names founded place place_name headquarters_city
        hub_link hub_link_label ownership ownership_label exchange ticker parent parent_name sectors
        sector_names website size_band size_band_label open_source""",
    "breakthrough": """slug name name_zh summary date kind kind_label companies company_names institutions
        institution_names sectors sector_names""",
    "challenge": """slug name name_zh summary category category_label severity severity_label
        severity_reason trend trend_label trend_reason since companies company_names sectors sector_names""",
    "factor": "slug name name_zh summary kind kind_label",
    "institution": "slug name name_zh summary kind kind_label place place_name",
    "collection": "slug name name_zh summary companies company_names",
    "hub": "slug name name_zh summary country is_home",
    "source": """key title publisher origin published language kind kind_label source_url archive_url note
        url""",
    "sector": "slug name name_zh definition url",
    "place": """slug name name_zh kind kind_label parent parent_name definition latitude longitude
        coordinate_note sources url""",
    "statement": """reference record_type record record_name kind kind_label key label text value unit date
        actor status status_label note sources source_urls url""",
}
FROZEN_RECORD = """statements_corroborated statements_reported statements_self_reported statements_disputed
    statements_unsupported sources url published_at updated_at checked_on body"""
FROZEN_PARAMETERS = {
    "company": """q sector place ownership hub_link open_source collection affected_by evidence founded_from
        founded_to""",
    "breakthrough": "q sector kind company institution evidence year_from year_to",
    "challenge": """q category severity trend sector company has_response evidence since_from
        since_to""",
    "factor": "q kind evidence",
    "institution": "q kind place evidence",
    "source": "q kind",
    "statement": "status kind record_type sector year_from year_to",
    "place": "q kind",
    "timeline": "kind sector year_from year_to",
    "change": "q kind action record since",
    "correction": "q kind state",
}


@pytest.fixture
def noun(view):
    return view.model._meta.model_name


@pytest.fixture(params=LISTS, ids=lambda view: view.model.__name__)
def view(request):
    return request.param


def names(columns):
    return [column.name for column in columns]


def header(client, path):
    lines = client.get(path).getvalue().decode("utf-8-sig")
    return next(csv.reader(io.StringIO(lines)))


def test_json_csv_openapi_and_dictionary_know_the_same_fields(
    client, view, noun, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        populate(1)
    wanted = names(view.columns)
    assert list(client.get(address(noun, "json")).json()["records"][0]) == wanted
    assert header(client, address(noun, "csv")) == wanted
    api = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert list(api[view.model.__name__]["properties"]) == wanted
    page = client.get("/data/").content.decode()
    rows = page.split(f'id="fields-{noun}"')[1].split("</table>")[0]
    assert [row.split("</code>")[0] for row in rows.split("<code>")[1:]] == wanted


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_files_know_the_fields_of_the_lists(model):
    assert [field["name"] for field in table_schema(model)["schema"]["fields"]] == names(TABLES[model])
    for view in LISTS:
        if view.model is model:
            assert TABLES[model] == ((*view.columns, BODY) if model in RECORDS else view.columns)


def test_statements_have_the_same_fields_everywhere(client):
    populate(1)
    wanted = names(STATEMENT)
    assert header(client, "/companies.statements.csv") == wanted
    assert list(client.get("/companies/company-0.json").json()["statements"][0]) == wanted
    assert list(document(LISTS, {})["components"]["schemas"]["Statement"]["properties"]) == wanted


@pytest.mark.parametrize("model", BESIDE, ids=lambda model: model.__name__)
def test_a_whole_row_has_what_openapi_says(client, model):
    noun = model._meta.model_name
    row = populate(1)[noun][0]
    whole = client.get(reverse(f"{noun}-json", args=row.natural_key())).json()
    assert list(whole) == list(record_schema(model)["properties"])
    assert set(names(TABLES[model])) < set(whole)
    assert set(whole.get("relations", ())) == set(RELATIONS.get(model, ()))


def test_whatever_has_a_page_of_its_own_has_it_as_data():
    assert [noun for noun in DETAILED if apps.get_model("ecosystem", noun) not in BESIDE] == []
    assert {view.model for view in LISTS if view.has_records} == {*BESIDE}


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_field_of_a_model_is_published_or_left_out_on_purpose(model):
    fields = {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
    left_out = fields - set(names(TABLES[model])) - UNPUBLISHED.keys()
    if model is Statement:
        left_out -= SUBJECTS | {"updated_at"}
    assert left_out == set()


@pytest.mark.parametrize("model", RELATIONS, ids=lambda model: model.__name__)
def test_every_relation_between_records_is_linked(model):
    related = {
        field.name if not field.auto_created else field.get_accessor_name()
        for field in model._meta.get_fields()
        if field.is_relation and field.related_model in {*TABLES} - {Statement}
    }
    # A place or a sector leads to its records; a hub and a factor stand alone.
    assert related - {"sources"} == set(RELATIONS[model])


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_fields_of_the_first_version_are_still_there(model):
    frozen = FROZEN[model._meta.model_name].split()
    frozen += FROZEN_RECORD.split() if model in RECORDS else []
    assert [name for name in frozen if name not in names(TABLES[model])] == []


def test_parameters_of_the_first_version_are_still_there(view, noun):
    current = view.filterset_class.base_filters
    frozen = f"sort page page_size {FROZEN_PARAMETERS.get(noun, 'q')}".split()
    assert [name for name in frozen if name not in current] == []


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_value_is_of_the_type_that_its_column_says(model):
    populate(2)
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}
    for row in model.objects.published().for_export():
        for column in TABLES[model]:
            value = column.value(row)
            assert column.optional if value is None else isinstance(value, kinds[column.type]), column.name
            if "enum" in column.schema:
                assert value in column.schema["enum"]


def test_every_column_says_what_it_means(view):
    schema = schema_of_columns((*view.columns, *STATEMENT))
    assert [name for name, entry in schema.items() if not entry["description"]] == []
