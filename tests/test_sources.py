"""Adding a source: the address decides whether it is a new one, in the form, the box and the pop-up."""

import json

import pytest
from django.urls import reverse

from ecosystem.models import Source
from ecosystem.roles import AUTHOR, CHIEF_EDITOR
from tests.admin_pages import address, change_page, controls, errors, parts, save, words
from tests.builders import build_source, build_user

pytestmark = pytest.mark.django_db
ADDRESS = "https://www.reuters.com/tech/a/?utm_source=x#top"


@pytest.fixture
def editor(client):
    """The browser of a chief editor."""
    client.force_login(build_user(CHIEF_EDITOR))
    return client


@pytest.fixture
def known():
    return build_source("known", url="http://reuters.com/tech/a", title="A listing", publisher="Reuters")


def source_fields(**more):
    return {
        "url": "https://example.org/",
        "title": "T",
        "publisher": "P",
        "language": "en",
        "kind": "news",
    } | more


def test_source_without_origin_takes_publisher(editor):
    assert save(editor, address(Source, "add"), key="k", **source_fields()).status_code == 302
    assert Source.objects.get().origin == "P"


def test_source_without_publisher_asks_for_it_once(editor):
    assert len(errors(save(editor, address(Source, "add"), key="k", **source_fields(publisher="")))) == 1


@pytest.mark.parametrize("url", ["http://reuters.com/tech/a", ADDRESS])
def test_source_known_already_refused(editor, known, url):
    response = save(editor, address(Source, "add"), key="k", **source_fields(url=url))
    assert errors(response) == ["This page is a source already: Reuters: A listing. Open it."]
    assert change_page(known) in [link.get("href") for link in parts(response, "a")]
    assert controls(response)["title"] == "T"


def test_source_known_already_offered_in_pop_up(editor, known):
    response = save(editor, f"{address(Source, 'add')}?_popup=1", key="k", **source_fields(url=ADDRESS))
    choose = reverse("admin:ecosystem_source_choose", args=[known.pk])
    assert choose in [link.get("href") for link in parts(response, "a")]


def test_double_that_was_there_before_may_be_edited(editor, known):
    double = build_source(url=ADDRESS)
    assert save(editor, change_page(double), title="Other").status_code == 302
    assert errors(save(editor, change_page(double), url="https://reuters.com/tech/a?"))


def test_pasted_address_shows_what_is_known(editor, known):
    page = editor.get(address(Source, "add"), {"_popup": 1, "url": ADDRESS})
    assert "This page is a source already" in words(page)
    assert "A listing" in words(page)
    [button] = [link for link in parts(page, "a") if link.get("class") == "button"]
    answer = editor.get(button.get("href")).content.decode()
    assert "popup_response.js" in answer
    assert str(known.pk) in answer


def test_choice_of_title_with_quotes(editor):
    source = build_source(title='A "quoted" <title>')
    [script] = parts(editor.get(reverse("admin:ecosystem_source_choose", args=[source.pk])), "script")
    assert json.loads(script.get("data-popup-response")) == {"value": str(source.pk), "obj": str(source)}


def test_pasted_address_of_new_page_fills_the_form(editor, known):
    Source.objects.filter(pk=known.pk).update(kind="news", language="zh-Hans")
    sent = controls(editor.get(address(Source, "add"), {"url": "www.reuters.com/other"}))
    assert sent["url"] == "https://www.reuters.com/other"
    assert (sent["publisher"], sent["kind"], sent["language"]) == ("Reuters", "news", "zh-Hans")


def test_pasted_address_of_new_site_fills_nothing_else(editor, known):
    sent = controls(editor.get(address(Source, "add"), {"url": "https://reuters.com.example/"}))
    assert (sent["url"], sent["publisher"]) == ("https://reuters.com.example/", "")


@pytest.mark.parametrize("url", ["", "nonsense", "http://[", "javascript:alert(1)"])
def test_pasted_nonsense_opens_the_form(editor, known, url):
    assert "title" in controls(editor.get(address(Source, "add"), {"url": url}))


def test_find_by_address(editor, known):
    url = address(Source, "find")
    assert editor.get(url, {"url": ADDRESS}).json() == {"id": str(known.pk), "text": "Reuters: A listing"}
    assert editor.get(url, {"url": "https://reuters.com/tech"}).json() == {}
    assert editor.get(url).json() == {}


@pytest.mark.parametrize("term", [ADDRESS, "reuters.com/tech/a/", "www.reuters.com/tech/a"])
def test_box_of_sources_takes_an_address(editor, known, term):
    build_source(title=f"Speaks of {term}")
    query = {"app_label": "ecosystem", "model_name": "statement", "field_name": "sources", "term": term}
    found = editor.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(known.pk)]


def test_box_of_sources_takes_part_of_an_address(editor, known):
    rows = editor.get(address(Source, "changelist"), {"q": "reuters.com/tech"}).context["cl"].result_list
    assert list(rows) == [known]


def test_author_adds_a_source_by_address(client, known):
    client.force_login(build_user(AUTHOR))
    assert "already" in words(client.get(address(Source, "add"), {"url": ADDRESS, "_popup": 1}))


def test_normal_url_follows_the_address():
    source = build_source(url=ADDRESS)
    assert Source.objects.filter(normal_url="reuters.com/tech/a").exists()
    source.url = "https://a.example/"
    source.save()
    assert Source.objects.values_list("normal_url", flat=True).get() == "a.example"
    assert list(Source.objects.at("http://www.a.example")) == [source]
