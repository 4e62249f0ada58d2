"""A record that is there already is shown before another one of its name is added."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem.admin.namesakes import name_index
from ecosystem.models import RECORDS, Company, Institution
from ecosystem.roles import AUTHOR
from tests.admin_pages import address, change_page, controls, errors, filled, parts, save
from tests.builders import build, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    client.force_login(build_user(AUTHOR))
    return client


@pytest.fixture
def known():
    names = {
        "name_zh": "宇树科技",
        "legal_name": "Hangzhou Yushu Technology Co., Ltd.",
        "other_names": "Yushu\nUT",
    }
    return build(Company, "unitree", name="Unitree", **names)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("name", "UNITREE, Inc."),
        ("name", "Yushu"),
        ("name_zh", "宇树科技有限公司"),
        ("legal_name", "Hangzhou Yushu Technology"),
        ("other_names", "Another\nunitree"),
    ],
)
def test_namesake_shown_beside_the_name(editor, known, field, name):
    fields = {"name": "New", "slug": "new"} | {field: name}
    response = save(editor, address(Company, "add"), **fields)
    assert errors(response) == [
        "This name is here already: Unitree. If this is another one, tick the box below the names."
    ]
    assert change_page(known) in [link.get("href") for link in parts(response, "a")]
    assert controls(response)[field].replace("\r\n", "\n") == name
    assert Company.objects.count() == 1


def test_other_one_added_on_second_thought(editor, known):
    fields = {"name": "Unitree", "slug": "new"}
    refused = save(editor, address(Company, "add"), **fields)
    [box] = [field for field in parts(refused, "input") if field.get("name") == "is_distinct"]
    assert box.get("type") == "checkbox"
    data = filled(editor, address(Company, "add"), **fields, is_distinct="on")
    assert editor.post(address(Company, "add"), data).status_code == 302
    assert Company.objects.count() == 2


def test_box_hidden_while_nothing_is_alike(editor, known):
    page = editor.get(address(Company, "add"))
    [box] = [field for field in parts(page, "input") if field.get("name") == "is_distinct"]
    assert box.get("type") == "hidden"
    assert save(editor, address(Company, "add"), name="Unitrees", slug="new").status_code == 302


def test_record_is_not_its_own_namesake(editor):
    draft = build(Company, "a", name="A", state="draft", published_at=None)
    assert save(editor, change_page(draft), summary="Better.").status_code == 302


def test_namesake_of_another_kind_is_none(editor, known):
    build(Institution, name="Other", kind="lab")
    fields = {"name": "Unitree", "slug": "lab", "kind": "lab"}
    assert save(editor, address(Institution, "add"), **fields).status_code == 302


def test_name_with_markup_escaped(editor):
    build(Company, name="<b>A</b>")
    assert "<b>A</b>" not in save(editor, address(Company, "add"), name="<b>A</b>", slug="a").content.decode()


@pytest.mark.parametrize("model", RECORDS)
def test_index_costs_one_query(model):
    row = build(model, name="One", name_zh="一")
    with CaptureQueriesContext(connection) as queries:
        index = name_index(model)
    assert (index["one"], index["一"]) == ({(row.pk, "One")}, {(row.pk, "One")})
    assert len(queries) == 1
