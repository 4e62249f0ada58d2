"""What readers see of the change log, and what they never see."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from ecosystem.changes import because, data_version, redact
from ecosystem.models import Breakthrough, Change, Company, Sector, Source
from ecosystem.search import reindex
from tests.builders import build, build_source, build_statement
from tests.pages import by_class, links, parse, read_atom, read_csv, read_json, words

pytestmark = pytest.mark.django_db
SENTINEL = "zyxwv"


@pytest.fixture
def company(commit):
    """A public company that was published and then changed in several ways."""
    with commit():
        sectors = [build(Sector, "robotics"), build(Sector, "drones")]
        company = build(Company, "unitree", name="Unitree", founded="2016", many={"sectors": sectors[:1]})
        statement = build_statement(company, sources=[build_source("press", title="宇树报道")])
    with commit(), because("The filing gives another month."):
        company.founded, company.ownership, company.body = "2016-08", "private", "First line.\n\nSecond line."
        company.open_source = True
        company.save()
        company.sectors.set(sectors[1:])
    with commit():
        statement.status = "disputed"
        statement.save()
        statement.sources.set([build_source("filing")])
        build_statement(
            company, label="Robots", text="", value=1500, unit="robots", date="2026-01", sources=[]
        )
    return company


def change(commit, row, **fields):
    with commit():
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


def history(row):
    return reverse(f"{row._meta.model_name}-history", args=row.natural_key())


def entries(client, row):
    """{heading: [(label, what it said before, what it says after)]} of a history, newest first."""
    found = {}
    for entry in by_class(parse(client.get(history(row))), "change"):
        rows = [
            (words(line.find("dt")), *(texts(line, tag) for tag in ("del", "ins")))
            for box in by_class(entry, "differences")
            for line in box.iter("div")
        ]
        found[words(entry.find("h2").find("a"))] = rows
    return found


def texts(line, tag):
    return " ".join(words(item).partition(": ")[2] for item in line.iter(tag))


def everything(client, *paths):
    """What all public addresses of the change log show, as one text."""
    keys = Change.objects.values_list("pk", flat=True)
    paths = [*paths, "/changes/", *(f"/changes.{suffix}" for suffix in ("json", "csv", "atom"))]
    paths += [f"/changes/{key}/" for key in keys]
    return "\n".join(client.get(path).getvalue().decode() for path in paths)


def test_history_tells_differences_in_words(client, company):
    assert entries(client, company) == {
        "Version 3": [
            ("Fact “Founded”, status", "Reported", "Disputed"),
            (
                "Fact “Founded”, sources",
                "Publisher of press: 宇树报道",
                "Publisher of filing: Title of filing",
            ),
            ("Fact “Robots”", "", "1,500 robots (reported, January 2026)"),
        ],
        "Version 2": [
            ("Body", "", "First line.Second line."),
            ("Founded", "2016", "August 2016"),
            ("Ownership", "", "Private"),
            ("Open source", "", "yes"),
            ("Sectors", "Robotics", "Drones"),
        ],
        "Version 1": [],
    }


def test_history_tells_the_reason_and_the_time_in_shanghai(client, company):
    at = timezone.now().replace(year=2026, month=1, day=11, hour=17, minute=30)
    Change.objects.filter(kind="company").update(published_at=at)
    text = client.get(history(company)).content.decode()
    assert "Reason: The filing gives another month." in text
    assert "12 January 2026, 01:30" in text


def test_history_marks_chinese(client, company):
    assert '<span lang="zh-Hans">宇树报道</span>' in client.get(history(company)).content.decode()


def test_history_tells_of_removed_and_reordered_statements(client, commit, company):
    first, second = company.statements.all()
    with commit():
        first.position, second.position = 2, 1
        first.save()
        second.save()
    with commit():
        first.delete()
    found = entries(client, company)
    assert found["Version 4"] == [("Order of the statements", "", "changed")]
    assert found["Version 5"][0][1].startswith("2016 (disputed)")


def test_history_of_text_shows_the_lines_that_differ(client, commit, company):
    change(commit, company, body="First line.\n\nAnother line.")
    assert entries(client, company)["Version 4"] == [("Body", "Second line.", "Another line.")]


def test_history_names_no_record_that_is_not_public(client, commit, company):
    other = build(Breakthrough, name="G1")
    with commit():
        other.companies.add(company)
    with commit():
        other.companies.clear()
    change(commit, company, state="draft", name=SENTINEL)
    assert SENTINEL not in everything(client, history(other))
    assert entries(client, other)["Version 2"] == [("Companies", "a record that is not public now", "")]


def test_history_has_pages(client, commit, company):
    for number in range(20):
        change(commit, company, summary=f"Summary {number}.")
    assert len(entries(client, company)) == 20
    second = client.get(history(company), {"page": 2})
    assert [words(entry.find("h2").find("a")) for entry in by_class(parse(second), "change")] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ]
    assert "Headquarters" not in second.content.decode()
    missing = client.get(history(company), {"page": 3})
    assert (missing.status_code, "2 pages" in missing.content.decode()) == (404, True)


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=1&page=2", "page=", "page=9999999999"])
def test_history_refuses_a_page_that_is_no_number(client, company, query):
    response = client.get(f"{history(company)}?{query}")
    assert response.status_code == 400
    assert "“page”" in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "draft"}, 404),
        ({"state": "withdrawn", "withdrawal_reason": "A double."}, 410),
        ({"published_at": timezone.now() + timedelta(days=1)}, 404),
    ],
)
def test_record_that_is_not_public_has_no_history(client, commit, company, fields, status):
    old = Change.objects.filter(kind="company").order_by("pk").values_list("pk", flat=True)[0]
    change(commit, company, **fields)
    assert client.get(history(company)).status_code == status
    assert client.get(f"{company.get_absolute_url()}?version=1").status_code == status
    assert client.get(f"/changes/{old}/").status_code == 404
    assert [row[3:5] for row in read_csv(client, "change", "kind=company")[1:]] == [
        ["Unitree" if status == 410 else "Company", "withdrawn"]
    ]


def test_edits_before_publication_never_show(client, commit):
    with commit():
        draft = build(Company, state="draft", summary=SENTINEL)
        build_statement(draft, text=SENTINEL)
    change(commit, draft, state="review", headquarters_city=SENTINEL)
    with commit():
        draft.statements.all().delete()
    change(commit, draft, state="published", summary="", headquarters_city="")
    change(commit, draft, headquarters_city="Hangzhou")
    paths = [history(draft), f"{draft.get_absolute_url()}?version=1", f"{draft.get_absolute_url()}?version=2"]
    assert SENTINEL not in everything(client, *paths)
    assert [*entries(client, draft)] == ["Version 2", "Version 1"]
    assert read_json(client, "change", "kind=company&sort=date")["records"][0]["action"] == "published"


def test_scheduled_record_shows_nothing_before_its_time(client, commit):
    with commit():
        later = build(Company, name=SENTINEL, published_at=timezone.now() + timedelta(days=1))
    change(commit, later, summary=SENTINEL)
    assert SENTINEL not in everything(client)
    assert read_json(client, "change", "kind=company")["total"] == 0
    assert client.get(history(later)).status_code == 404


def test_statement_that_is_held_back_shows_nowhere(client, commit, company):
    with commit():
        statement = build_statement(company, sources=[], text=SENTINEL, draft=True)
    change(commit, statement, label=SENTINEL)
    company.refresh_from_db()
    change(commit, company, summary="Other.")
    paths = [f"{company.get_absolute_url()}?version={n}" for n in (1, 2, 3, 4)]
    assert SENTINEL not in everything(client, history(company), *paths)


def test_editors_are_named_nowhere(client, commit, company, django_user_model):
    editor = django_user_model.objects.create(username=SENTINEL, first_name=SENTINEL, email="z@yxwv.org")
    with because("Typo.", user=editor):
        change(commit, company, summary="Right.")
    assert Change.objects.filter(user=editor).exists()
    assert SENTINEL not in everything(client, history(company), f"{company.get_absolute_url()}?version=4")


def test_search_does_not_find_what_is_not_public(client, commit, company):
    change(commit, company, state="draft", name=SENTINEL)
    reindex()
    assert read_json(client, "change")["total"] > 0
    assert read_json(client, "change", f"q={SENTINEL}")["total"] == 0


def test_list_is_by_day_and_links_to_each_difference(client, commit, company):
    first = Change.objects.filter(kind="company").order_by("pk")[0]
    Change.objects.filter(pk=first.pk).update(published_at=timezone.now() - timedelta(days=3))
    tree = parse(client.get("/changes/?kind=company"))
    assert [len(by_class(day, "card")) for day in by_class(tree, "day")] == [2, 1]
    found = client.get(first.get_absolute_url())
    assert first.get_absolute_url() in links(tree)
    assert history(company) in links(parse(found))


def test_list_filters_by_kind_action_and_words(client, company):
    reindex()
    totals = {
        query: read_json(client, "change", query)["total"]
        for query in ("kind=company", "kind=company&action=published", "kind=sector", "q=unitree")
    }
    assert totals == {"kind=company": 3, "kind=company&action=published": 1, "kind=sector": 2, "q=unitree": 3}


def test_list_as_data_names_fields_and_reasons(client, company):
    record = read_json(client, "change", "kind=company")["records"][1]
    assert record["changed"] == "Body; Founded; Ownership; Open source; Sectors"
    assert record["reason"] == "The filing gives another month."
    assert (record["record_type"], record["record"], record["record_name"]) == (
        "company",
        "unitree",
        "Unitree",
    )
    assert read_json(client, "change")["data_version"] == data_version()


def test_feed_keeps_the_id_of_a_change(client, commit, company):
    atom = "{http://www.w3.org/2005/Atom}"

    def ids():
        return [entry.findtext(f"{atom}id") for entry in read_atom(client, "change").iter(f"{atom}entry")]

    before = ids()
    change(commit, company, name="Unitree Robotics", slug="unitree-robotics")
    assert ids()[1:] == before
    newest = Change.objects.first()
    assert ids()[0] == f"tag:testserver,2026:/changes/{newest.pk}/"
    titles = [entry.findtext(f"{atom}title") for entry in read_atom(client, "change").iter(f"{atom}entry")]
    assert titles[0] == "Unitree Robotics: changed"
    assert ElementTree.tostring(read_atom(client, "change")).count(b"filing gives another month") == 1


def test_deleted_record_leaves_an_entry_without_its_name(client, commit, company):
    with commit():
        company.delete()
    records = read_json(client, "change", "kind=company")["records"]
    assert [(row["action"], row["record"], row["record_name"]) for row in records] == [
        ("deleted", None, "Company")
    ]
    assert client.get(Change.objects.first().get_absolute_url()).status_code == 200


def shown(response):
    """What a record's page says, without the banner, the dates and what leads elsewhere."""
    tree = parse(response)
    for link in by_class(tree, "report-link"):
        link.clear()
    parts = ["lead", "names", "meta", "prose", "statements", "doubts", "sources", "judgement"]
    return [words(element) for part in parts for element in by_class(tree, part)]


def test_version_shows_what_the_page_showed(client, commit, company):
    parent = build(Company, "parent")
    change(commit, company, parent=parent, name_zh="宇树", checked_on=timezone.localdate())
    then = client.get(company.get_absolute_url())
    change(commit, company, parent=None, name="Other", summary="Other.", body="Other.", founded=None)
    with commit():
        company.sectors.clear()
        company.statements.all().delete()
        Source.objects.get(key="press").delete()
        build(Breakthrough, name="Later", many={"companies": [company]})
    assert shown(client.get(company.get_absolute_url())) != shown(then)
    old = client.get(f"{company.get_absolute_url()}?version=4")
    assert [text.replace("history", "") for text in shown(old)] == [
        text.replace("history", "") for text in shown(then)
    ]
    assert "Later" not in old.content.decode()


def test_version_says_that_it_is_old(client, company):
    response = client.get(f"{company.get_absolute_url()}?version=1")
    text = response.content.decode()
    assert "You are reading version 1" in text
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in text
    assert f'<link rel="canonical" href="http://testserver{company.get_absolute_url()}">' in text
    assert "You are reading version" not in client.get(company.get_absolute_url()).content.decode()


def test_version_as_data_says_which_state_it_was(client, company):
    at = timezone.now().replace(microsecond=0) - timedelta(days=1)
    first = Change.objects.filter(kind="company").order_by("pk")[0]
    Change.objects.filter(pk=first.pk).update(published_at=at)
    data = client.get("/companies/unitree.json?version=1").json()
    assert (data["founded"], [row["slug"] for row in data["relations"]["sectors"]]) == ("2016", ["robotics"])
    assert [row["sources"] for row in data["statements"]] == [["press"]]
    assert (data["data_version"], datetime.fromisoformat(data["data_date"])) == (1, at)


def test_version_links_a_source_that_nothing_cites_now_to_the_history(client, company):
    found = links(parse(client.get(f"{company.get_absolute_url()}?version=1")))
    assert found[history(company)] == "宇树报道"
    assert "/sources/press/" not in found


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("version=4", 404, "no version 4. Its versions go from 1 to 3"),
        ("version=0", 400, "“version” takes a whole number"),
        ("version=", 400, "“version” takes a whole number"),
        ("version=1&version=2", 400, "“version” takes one value only"),
    ],
)
def test_version_that_is_none_is_refused_with_a_sentence(client, company, query, status, sentence):
    for path in (company.get_absolute_url(), "/companies/unitree.json"):
        response = client.get(f"{path}?{query}")
        assert response.status_code == status
        assert sentence in response.content.decode()


def test_redaction_takes_a_past_version_out(client, commit, company):
    change(commit, company, summary=SENTINEL)
    change(commit, company, summary="Clean.")
    before = data_version()
    assert redact(Change.objects.filter(kind="company", slug="unitree").order_by("pk")) == 4
    text = everything(client, history(company))
    assert SENTINEL not in text
    assert "The portal removed an earlier version" in text
    assert data_version() == before + 4
    assert [*entries(client, company)].count("Version 5") == 1
    gone = client.get(f"{company.get_absolute_url()}?version=4")
    assert (gone.status_code, "was removed" in gone.content.decode()) == (404, True)
    assert client.get(f"{company.get_absolute_url()}?version=5").status_code == 200
    change(commit, company, summary="Next.")
    assert entries(client, company)["Version 6"] == [("Summary", "Clean.", "Next.")]


def test_only_a_superuser_can_redact(client, admin_client, commit, company, django_user_model):
    path = reverse("admin:ecosystem_change_changelist")
    page = admin_client.get(path)
    assert page.status_code == 200
    assert "redact" in page.content.decode()
    first = Change.objects.filter(kind="company").order_by("pk")[0]
    asked = {"action": "redact", "_selected_action": [first.pk]}
    admin_client.post(path, asked)
    first.refresh_from_db()
    assert first.snapshot is None
    assert admin_client.get(reverse("admin:ecosystem_change_delete", args=[first.pk])).status_code == 403


def test_pages_take_no_more_queries_for_thirty_than_for_three(
    client, commit, company, django_assert_max_num_queries
):
    def queries(path):
        with django_assert_max_num_queries(30) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    paths = ["/changes/?kind=company", "/changes.json?kind=company", history(company)]
    version = f"{company.get_absolute_url()}?version="
    few = [queries(path) for path in [*paths, f"{version}3"]]
    for number in range(27):
        with commit():
            build_statement(build(Company))
            build_statement(company, key=f"key-{number}")
    assert [queries(path) for path in [*paths, f"{version}30"]] == few


def test_changes_of_one_record_are_a_list_and_a_feed(client, commit, company):
    with commit():
        build(Company, "other")
    listed = read_json(client, "change", "kind=company&record=unitree")
    assert [row["record"] for row in listed["records"]] == ["unitree"] * 3
    assert listed["title"] == "3 changes: Companies, of record unitree"
    assert read_json(client, "change", "record=nobody")["total"] == 0
    feeds = [path for path in links(parse(client.get(history(company)))) if ".atom" in path]
    assert feeds == ["/changes.atom?kind=company&record=unitree"]
    assert client.get(feeds[0]).status_code == 200


@pytest.mark.parametrize(("day", "number"), [("2026-01-12", 1), ("2026-01-13", 0), ("0001-01-01", 1)])
def test_changes_since_a_day_of_the_hub(client, commit, day, number):
    with commit():
        build(Company)
    Change.objects.update(published_at=datetime(2026, 1, 11, 17, 30, tzinfo=UTC))
    listed = read_json(client, "change", f"since={day}")
    assert (listed["total"], listed["filters"]["since"]) == (number, day)
    assert client.get("/changes/", {"since": day}).status_code == 200


@pytest.mark.parametrize("day", ["12/01/2026", "2026", "2026-02-30"])
def test_changes_since_no_day_are_an_error(client, day):
    [error] = client.get("/changes.json", {"since": day}).json()["errors"]
    assert error["parameter"] == "since"
