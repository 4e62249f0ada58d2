"""Merging two companies: nothing is lost, the old address leads on, and both histories tell it."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from ecosystem.merging import Merge
from ecosystem.models import (
    Breakthrough,
    Challenge,
    Change,
    Collection,
    Company,
    PreviousSlug,
    Sector,
    Statement,
)
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from ecosystem.search import matching
from tests.admin_pages import MOST_QUERIES, address, controls, count_queries, errors, words
from tests.builders import build, build_correction, build_source, build_statement, build_user
from tests.pages import read_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    client.force_login(build_user(CHIEF_EDITOR, "ada"))
    return client


def firm(slug, **fields):
    """A company against which no rule says anything."""
    row = build(Company, slug, hub_link="unknown", many=fields.pop("many", None), **fields)
    row.sources.add(build_source(f"prose-of-{slug}"))
    return row


def said_of(company, text, **fields):
    fields = {"key": "", "label": text, "text": text} | fields
    return build_statement(company, **fields)


@pytest.fixture
def pair(commit):
    """The one that stays and its double, with everything that can hang on a company."""
    with commit():
        robots, chips = build(Sector, "robots"), build(Sector, "chips")
        kept = firm("unitree", name="Unitree", name_zh="宇树", other_names="Old", many={"sectors": [robots]})
        other = firm("yushu", name="Yushu", legal_name="Hangzhou Yushu Ltd", ticker="688001")
        other.other_names = "Old\nOlder"
        other.save()
        other.sectors.set([robots, chips])
        said_of(kept, "first", position=4)
        said_of(other, "second", position=1)
        said_of(other, "held", draft=True, position=2)
        build(Breakthrough, "both", many={"companies": [kept, other]})
        build(Breakthrough, "one", many={"companies": [other]})
        build(Challenge, "challenge", many={"companies": [other]})
        build(Collection, "collection", many={"companies": [other]})
        firm("daughter", parent=other)
        PreviousSlug.objects.leave(other, "yushu-keji")
    return kept, other


def merge(commit, kept, other, reason="A double.", **choices):
    with commit():
        found = Merge(kept, other).apply(choices, reason)
    assert found == []
    return Company.objects.get(pk=kept.pk)


def page(kept, other=None):
    path = address(Company, "merge", kept.pk)
    return f"{path}?other={other.pk}" if other else path


# What moves


def test_everything_moves(commit, pair):
    kept = merge(commit, *pair)
    assert [statement.text for statement in kept.statements.all()] == ["first", "second", "held"]
    assert kept.statements.get(text="held").draft
    assert [row.slug for row in kept.breakthroughs.all()] == ["both", "one"]
    assert [row.slug for row in kept.challenges.all()] == ["challenge"]
    assert [row.slug for row in kept.collections.all()] == ["collection"]
    assert [row.slug for row in kept.subsidiaries.all()] == ["daughter"]
    assert [row.slug for row in kept.sectors.all()] == ["chips", "robots"]
    assert {row.key for row in kept.sources.all()} == {"prose-of-unitree", "prose-of-yushu"}
    assert kept.other_names == "Old\nYushu\nHangzhou Yushu Ltd\nOlder"
    assert not Company.objects.filter(slug="yushu").exists()
    assert Statement.objects.count() == 3


def test_reports_of_readers_move(commit, pair):
    kept, other = pair
    report = build_correction(other, "open")
    merge(commit, kept, other)
    report.refresh_from_db()
    assert report.object_id == kept.pk


def test_old_addresses_lead_to_the_one_that_stays(client, commit, pair):
    merge(commit, *pair)
    for slug in ("yushu", "yushu-keji"):
        for route in ("detail", "json", "history"):
            response = client.get(reverse(f"company-{route}", args=[slug]))
            assert (response.status_code, response["Location"]) == (
                301,
                reverse(f"company-{route}", args=["unitree"]),
            )
    assert client.get("/companies/unitree.json").json()["previous_slugs"] == ["yushu", "yushu-keji"]


def test_address_that_nobody_saw_leads_nowhere(client, commit, pair):
    kept, _ = pair
    draft = firm("draft", state="draft", published_at=None)
    merge(commit, kept, draft)
    assert client.get("/companies/draft/").status_code == 404


def test_slug_that_the_other_left_stays_its_own(client, commit, pair):
    kept, other = pair
    PreviousSlug.objects.create(slug="unitree", company=other)
    merge(commit, kept, other)
    assert client.get("/companies/unitree/").status_code == 200
    assert not PreviousSlug.objects.filter(slug="unitree").exists()


def test_values_that_differ_are_chosen(commit, pair):
    kept = merge(commit, *pair, name="other", ticker="other", legal_name="kept", summary="kept")
    assert (kept.name, kept.ticker, kept.legal_name) == ("Yushu", "688001", "")
    assert kept.summary == "What unitree is."
    assert kept.other_names.splitlines() == ["Old", "Unitree", "Hangzhou Yushu Ltd", "Older"]
    assert kept.slug == "unitree"


@pytest.mark.parametrize("mother", [0, 1])
def test_mother_and_daughter_merged(commit, pair, mother):
    grandmother = firm("grandmother")
    kept, other = pair
    parent, child = (kept, other) if mother == 0 else (other, kept)
    parent.parent, child.parent = grandmother, parent
    parent.save()
    child.save()
    kept = merge(commit, Company.objects.get(pk=kept.pk), Company.objects.get(pk=other.pk))
    assert kept.parent == grandmother


def test_both_histories_tell_it_with_the_reason(client, commit, pair):
    kept, other = pair
    merge(commit, kept, other)
    newest = Change.objects.filter(kind="company", object_id=kept.pk).first()
    gone = Change.objects.filter(kind="company", object_id=other.pk).first()
    assert (newest.action, newest.reason) == ("changed", "Merged with Yushu: A double.")
    assert (gone.action, gone.reason) == ("deleted", "Merged into Unitree: A double.")
    assert Change.objects.filter(kind="company", object_id=kept.pk).count() == 2
    assert Change.objects.filter(kind="company", object_id=other.pk).count() == 2
    assert "Merged into Unitree: A double." in client.get("/changes/").content.decode()


def test_search_and_counts_follow(client, commit, pair):
    kept = merge(commit, *pair)
    assert list(matching(Company.objects.all(), "Yushu")) == [kept]
    # The list is of firms that are here.
    Company.objects.filter(pk=kept.pk).update(hub_link="office")
    found = read_json(client, "company", "sector=chips")["records"]
    assert [row["slug"] for row in found] == ["unitree"]


# What stands against it


def test_public_company_is_not_merged_into_a_hidden_one(pair):
    kept, other = pair
    kept.state = "draft"
    assert "keep the other, or publish this one first" in Merge(kept, other).obstacles[0]
    assert Merge(other, kept).obstacles == []


def test_company_is_not_merged_with_itself(pair):
    assert Merge(pair[0], Company.objects.get(pk=pair[0].pk)).obstacles == ["These are one company already."]


def test_what_the_rules_say_against_the_result_is_returned(pair):
    kept, _ = pair
    draft = firm("draft", state="draft", published_at=None)
    build_statement(draft, [], text="Without a source.", key="")
    found = Merge(kept, draft).apply({}, "A double.")
    assert [(fault.field, fault.what) for fault in found] == [("sources", "none stands behind the statement")]


# The page


def test_chief_editor_merges_after_a_look(chief, commit, pair):
    kept, other = pair
    assert "Which company is the same?" in words(chief.get(page(kept)))
    look = chief.get(page(kept, other))
    seen = words(look)
    for text in (
        "Statements (2)",
        "held (held back)",
        "Breakthroughs (2)",
        "Subsidiaries (1)",
        "Sectors (1)",
    ):
        assert text in seen
    data = controls(look)
    assert (data["name"], data["ticker"], data["legal_name"]) == ("kept", "other", "other")
    with commit():
        response = chief.post(page(kept, other), data | {"reason": "A double."})
    assert response["Location"] == address(Company, "change", kept.pk)
    assert "Yushu is merged into Unitree, and its address leads here." in words(
        chief.get(response["Location"])
    )
    kept.refresh_from_db()
    assert (kept.name, kept.ticker) == ("Unitree", "688001")
    assert Change.objects.filter(kind="company").first().user.username == "ada"


def test_merge_without_reason_refused(chief, pair):
    look = chief.get(page(*pair))
    again = chief.post(page(*pair), controls(look) | {"name": "other"})
    assert len(errors(again)) == 1
    assert controls(again)["name"] == "other"
    assert Company.objects.filter(slug="yushu").exists()


def test_merge_over_a_save_meanwhile_asks_again(chief, pair):
    data = controls(chief.get(page(*pair))) | {"reason": "A double."}
    said_of(pair[1], "third")
    again = chief.post(page(*pair), data)
    assert "Somebody saved one of the two" in errors(again)[0]
    assert "Statements (3)" in words(again)
    assert chief.post(page(*pair), controls(again)).status_code == 302


def test_merge_that_breaks_a_rule_is_undone(chief, pair):
    kept, _ = pair
    draft = firm("draft", name="Draft", state="draft", published_at=None)
    build_statement(draft, [], label="Claim", text="Without a source.", key="")
    data = controls(chief.get(page(kept, draft))) | {"reason": "A double."}
    again = chief.post(page(kept, draft), data)
    assert errors(again) == ["Claim: Without a source.: sources none stands behind the statement."]
    assert draft.statements.count() == 1
    assert "Merge Draft into Unitree" in words(again)


def test_merge_that_fails_midway_changes_nothing(chief, commit, pair, monkeypatch):
    kept, other = pair

    def fail(*args):
        raise IntegrityError("disk full")

    data = controls(chief.get(page(kept, other))) | {"reason": "A double."}
    monkeypatch.setattr(Merge, "take_addresses", fail)
    with pytest.raises(IntegrityError, match="disk full"):
        chief.post(page(kept, other), data)
    assert [statement.text for statement in other.statements.all()] == ["second", "held"]
    assert other.breakthroughs.count() == 2


def test_company_cannot_be_merged_with_itself_or_with_nothing(chief, pair):
    kept, _ = pair
    assert "Choose another." in errors(chief.get(page(kept, kept)))[0]
    assert len(errors(chief.get(f"{page(kept)}?other=x"))) == 1
    assert chief.get(page(Company(pk=10**6))).status_code == 404


def test_page_with_an_obstacle_has_no_button(chief, pair):
    kept, other = pair
    Company.objects.filter(pk=kept.pk).update(state="draft")
    look = chief.get(page(kept, other))
    assert len(errors(look)) == 1
    assert "reason" not in controls(look)
    assert chief.post(page(kept, other), {"reason": "x", "seen": "x"}).status_code == 200
    assert Company.objects.filter(pk=other.pk).exists()


def test_two_chosen_in_the_list_lead_to_the_page(chief, pair):
    url = address(Company, "changelist")
    data = {"action": "merge_selected", "_selected_action": [company.pk for company in pair]}
    assert chief.post(url, data)["Location"] == page(*pair)
    three = data | {"_selected_action": list(Company.objects.values_list("pk", flat=True))}
    assert "Choose exactly two companies" in words(chief.post(url, three, follow=True))


def test_form_leads_to_the_merge(chief, pair):
    assert page(pair[0]) in chief.get(address(Company, "change", pair[0].pk)).content.decode()


def test_merged_company_comes_back_without_what_moved(chief, commit, pair):
    change = Change.objects.filter(kind="company", object_id=pair[1].pk).last()
    merge(commit, *pair)
    look = chief.get(reverse("admin:ecosystem_change_restore", args=[change.pk]))
    assert "is a statement about Unitree now, and stays there" in words(look)


def test_queries_of_the_page(chief, pair):
    few = count_queries(chief, page(*pair))
    for n in range(10):
        said_of(pair[1], f"text {n}")
        build(Breakthrough, many={"companies": [pair[1]]})
    assert count_queries(chief, page(*pair)) == few <= MOST_QUERIES


@pytest.mark.parametrize(
    ("role", "status"), [(None, 403), (AUTHOR, 403), (REVIEWER, 403), (CHIEF_EDITOR, 200)]
)
def test_merge_is_for_chief_editors(client, pair, role, status):
    client.force_login(build_user(role))
    assert client.get(page(*pair)).status_code == status
    data = {"reason": "A double.", "seen": "x"}
    assert client.post(page(*pair), data).status_code == status
    form = client.get(address(Company, "change", pair[0].pk)).content.decode()
    assert (page(pair[0]) in form) == (status == 200)
    assert Company.objects.filter(slug="yushu").exists()
