"""A sentence beside every field, one page of rules, and text as readers will see it."""

import pytest
from django.contrib import admin
from django.forms import HiddenInput
from django.test import RequestFactory
from django.urls import reverse

from ecosystem.admin.help import STATES
from ecosystem.models import Change, Company, Source
from ecosystem.models.record import Record
from ecosystem.roles import AUTHOR, TABLE
from ecosystem.status import DEFINITIONS
from tests.admin_pages import NAMESPACE, address, parts, tree, words
from tests.builders import build, build_user

pytestmark = pytest.mark.django_db
OURS = [
    model for model in admin.site._registry if model._meta.app_label == "ecosystem" and model is not Change
]
PAGE, PREVIEW = "editors-help", "preview-text"


@pytest.fixture
def author(client):
    client.force_login(build_user(AUTHOR))
    return client


def editable(form):
    return {
        name: field for name, field in form.base_fields.items() if not isinstance(field.widget, HiddenInput)
    }


@pytest.mark.parametrize("model", OURS)
def test_every_field_explained(model, django_user_model):
    request = RequestFactory().get("/")
    request.user = django_user_model.objects.create_superuser("chief")
    page = admin.site.get_model_admin(model)
    forms = [page.get_form(request)]
    forms += [factory.form for factory, _ in page.get_formsets_with_inlines(request)]
    silent = [name for form in forms for name, field in editable(form).items() if not field.help_text]
    assert silent == []
    assert editable(forms[0])


def test_page_speaks_of_every_status_state_and_role(author):
    page = words(author.get(reverse(PAGE)))
    for label, definition in [*DEFINITIONS.items(), *STATES.items()]:
        assert f"{label.label} {definition}" in page
    assert list(STATES) == list(Record.State)
    assert [role for role in TABLE if role in page] == list(TABLE)
    assert ", ".join(Source.Kind.labels).lower() in page


def test_page_and_method_use_the_same_words(author, client):
    ours, public = words(author.get(reverse(PAGE))), words(client.get(reverse("method")))
    for sentence in (
        "Two pages of one publisher, or two copies",
        "A date is as exact as its source",
        *DEFINITIONS.values(),
    ):
        assert sentence in ours
        assert sentence in public


def test_page_named_on_every_page_of_the_admin(author):
    for page in (reverse("admin:index"), address(Company, "changelist"), address(Company, "add")):
        assert reverse(PAGE) in [link.get("href") for link in parts(author.get(page), "a")]


def test_links_within_the_page_lead_somewhere(author):
    page = author.get(reverse(PAGE))
    ids = {element.get("id") for element in tree(page).iter()}
    inside = [link.get("href")[1:] for link in parts(page, "a") if link.get("href").startswith("#")]
    assert len(inside) > 5
    assert set(inside) <= ids


@pytest.mark.parametrize("name", [PAGE, PREVIEW])
def test_strangers_sent_to_login(client, name):
    method = client.get if name == PAGE else client.post
    assert method(reverse(name)).status_code == 302


# Text as readers will see it

HOSTILE = "**Bold** 杭州 <script>alert(1)</script> [x](javascript:alert) ![i](https://a.example/i.png)"


@pytest.mark.parametrize("more", [{}, {"alone": "1"}])
def test_preview_is_what_the_public_page_shows(author, more):
    company = build(Company, body=HOSTILE)
    shown = author.post(reverse(PREVIEW), {"preview": "body", "body": HOSTILE, **more}).content.decode()
    line = '<p><strong>Bold</strong> <span lang="zh-Hans">杭州</span> &lt;script&gt;'
    assert line in shown
    assert line in author.get(company.get_absolute_url()).content.decode()
    assert "<script>alert" not in shown
    assert "javascript:alert" not in shown or 'href="javascript' not in shown


def test_preview_alone_is_no_page(author):
    shown = author.post(reverse(PREVIEW), {"preview": "text", "text": "*A*", "alone": "1"}).content.decode()
    assert shown.strip() == "<p><em>A</em></p>"


@pytest.mark.parametrize("data", [{}, {"preview": "body"}, {"preview": "nosuch", "body": "A"}])
def test_preview_of_nothing(author, data):
    assert "Nothing is written yet." in words(author.post(reverse(PREVIEW), data))


def test_preview_takes_posts_alone(author):
    assert author.get(reverse(PREVIEW)).status_code == 405


def test_preview_needs_a_token(author, settings):
    author.handler.enforce_csrf_checks = True
    assert author.post(reverse(PREVIEW), {"preview": "body", "body": "A"}).status_code == 403


def test_box_posts_to_the_preview_without_script(author):
    [button] = [
        row for row in parts(author.get(address(Company, "add")), "button") if row.get("name") == "preview"
    ]
    assert (button.get("value"), button.get("formaction")) == ("body", reverse(PREVIEW))
    assert (button.get("formtarget"), button.get("type")) == ("_blank", "submit")


def test_enter_in_a_field_saves_and_does_not_preview(author):
    """A browser presses the first button of a form."""
    page = author.get(address(Company, "add"))
    [form] = [form for form in parts(page, "form") if form.get("id") == "company_form"]
    tags = {NAMESPACE + "input", NAMESPACE + "button"}
    pressed = [row.get("name") for row in form.iter() if row.tag in tags and row.get("type") == "submit"]
    assert pressed[0].startswith("_")
    assert "preview" in pressed
