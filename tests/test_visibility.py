"""What readers must not see, looked for everywhere that readers can look."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Company, Place, Sector, Source
from ecosystem.search import reindex
from ecosystem.sitemaps import SITEMAPS
from tests.builders import build, build_correction, build_source, build_statement
from tests.pages import DETAILED, LISTS, PLAIN, address, read_json, slugs

pytestmark = pytest.mark.django_db

# Every text that readers must not see holds this word, and the slugs of such rows begin with it.
SENTINEL = "zyxwv"
LATER, MUCH_LATER = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=2)
HIDDEN = {
    "draft": {"state": "draft"},
    "review": {"state": "review"},
    "scheduled": {"published_at": LATER},
    "withdrawn": {"state": "withdrawn"},
    "withdrawn-early": {"state": "withdrawn", "published_at": LATER},
    "withdrawn-by-time": {"withdraw_at": timezone.now() - timedelta(seconds=1), "withdrawal_reason": "Over."},
    "never-seen": {"published_at": LATER, "withdraw_at": MUCH_LATER, "withdrawal_reason": "Over."},
}
VISIBLE = {"published": {}, "until-later": {"withdraw_at": LATER, "withdrawal_reason": "Over."}}
KINDS = ("fact", "metric", "check", "event", "response", "evidence")


def relate(record, others):
    """Link a record with others through every relation that either end has."""
    for field in record._meta.many_to_many:
        getattr(record, field.name).set([row for row in others if isinstance(row, field.related_model)])
    for other in others:
        for field in other._meta.many_to_many:
            if isinstance(record, field.related_model):
                getattr(other, field.name).add(record)
        if isinstance(record, Company) and isinstance(other, Company):
            other.subsidiaries.add(record)
            build(Company, f"subsidiary-of{record.slug.removeprefix(SENTINEL)}", parent=record)


def say(record, word, **fields):
    """Statements of every kind that hold the word wherever they can, each with a source that does so too."""
    for kind in KINDS:
        source = build_source(f"{word}-{kind}-of-{record.slug}", title=word, publisher=word, note=word)
        texts = dict.fromkeys(["key", "label", "text", "unit", "actor", "note"], word)
        build_statement(record, [source], kind=kind, value=1, status="disputed", **texts, **fields)


def correct(record, word):
    """A decision about the record and one about its first statement, and a report that waits for one."""
    texts = dict.fromkeys(["wrong", "right", "evidence", "contact"], f"{SENTINEL}-report")
    for statement in (None, record.statements.first()):
        build_correction(record, statement=statement, reason=word, **texts)
    build_correction(record, "open", **texts)


def build_seen():
    """One published record of each kind, with a draft statement of each kind."""
    seen = [build(Sector, "sector-seen"), build(Place, "place-seen")]
    for model in RECORDS:
        record = build(model, f"{model._meta.model_name}-seen", many={"sources": [build_source()]})
        build_statement(record, kind="check", status="disputed")
        say(record, f"{SENTINEL}-statement", draft=True)
        for statement in record.statements.filter(draft=True)[:1]:
            build_correction(record, statement=statement, reason="Held back.")
        seen.append(record)
    return seen


def build_unseen(word, seen, **fields):
    """One record of each kind that holds the word everywhere, linked with all that readers see."""
    for model in RECORDS:
        texts = dict.fromkeys(["name", "name_zh", "summary", "body"], word)
        extra = {"place": seen[1]} if hasattr(model, "place") else {}
        record = build(model, f"{word}-{model._meta.model_name}", **texts, **extra, **fields)
        relate(record, seen)
        record.sources.set([build_source(f"{word}-of-{record.slug}", title=word)])
        say(record, word)
        correct(record, word)


def everywhere(client):
    """{address: what it shows} of every address that a reader can know of, with those of `build_seen`."""
    key = Source.objects.published().order_by("pk").values_list("key", flat=True)[0]
    known = {noun: key if noun == "source" else f"{noun}-seen" for noun in DETAILED}
    paths = [address(noun, suffix) for noun, suffix in LISTS]
    paths += [reverse(name) for name in (*PLAIN, "sitemap", "robots")]
    paths += [reverse("sitemap-part", args=[name, 1]) for name in SITEMAPS]
    paths += [reverse(f"{noun}-detail", args=[known[noun]]) for noun in DETAILED]
    paths += [reverse(f"{noun}-json", args=[known[noun]]) for noun in DETAILED]
    paths += [reverse("correction-data", args=[suffix]) for suffix in ("json", "csv", "atom")]
    responses = {path: client.get(path) for path in paths}
    assert {path for path in paths if responses[path].status_code != 200} == set()
    return {path: response.getvalue().decode() for path, response in responses.items()}


def test_hidden_record_or_statement_appears_nowhere(client):
    seen = build_seen()
    for name, fields in HIDDEN.items():
        build_unseen(f"{SENTINEL}-{name}", seen, **fields)
    reindex()
    pages = everywhere(client)
    leaks = [
        (path, name)
        for path in pages
        for name in (*HIDDEN, "statement", "report")
        if f"{SENTINEL}-{name}" in pages[path]
    ]
    assert leaks == []
    assert [path for path in pages if SENTINEL in pages[path]] == []


@pytest.mark.parametrize("fields", VISIBLE.values(), ids=VISIBLE)
def test_published_record_appears_everywhere(client, fields):
    """The test above would pass on pages that show nothing: these have to show the same, once published."""
    build_unseen(f"{SENTINEL}-published", build_seen(), **fields)
    reindex()
    # The files of the vocabularies name no records.
    lists = [(noun, suffix) for noun, suffix in LISTS if noun not in ("sector", "place")]
    expected = {address(noun, suffix) for noun, suffix in lists} | {
        "/",
        "/checked/",
        "/sitemap/company-1.xml",
    }
    for noun in ("company", "breakthrough", "challenge", "institution", "collection", "sector", "place"):
        expected.add(reverse(f"{noun}-detail", args=[f"{noun}-seen"]))
    for noun in ("breakthrough", "challenge", "collection"):
        expected.add(reverse(f"{noun}-json", args=[f"{noun}-seen"]))
    pages = everywhere(client)
    assert [path for path in expected if f"{SENTINEL}-published" not in pages[path]] == []


@pytest.mark.parametrize("model", RECORDS)
def test_search_finds_published_records_only(client, model):
    noun = model._meta.model_name
    for name, fields in (HIDDEN | VISIBLE).items():
        build_statement(build(model, name, name=SENTINEL, name_zh="杭州哨", **fields), text="statement")
    build_statement(build(model), text=SENTINEL, draft=True)
    reindex()
    for text in (SENTINEL, "杭州哨", f"{SENTINEL} statement"):
        assert set(slugs(client, noun, f"q={text}")) == set(VISIBLE)
        assert read_json(client, noun, f"q={text}")["total"] == len(VISIBLE)


def test_search_leaves_out_sources_of_drafts(client):
    draft, seen = build(Company, state="draft"), build(Company)
    build_statement(draft, [build_source("hidden", title=SENTINEL)])
    build_statement(seen, [build_source("also-hidden", title=SENTINEL)], draft=True)
    build_statement(seen, [build_source("seen", title=SENTINEL)])
    reindex()
    assert slugs(client, "source", f"q={SENTINEL}") == ["seen"]


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("published", 200),
        ("draft", 404),
        ("review", 404),
        ("scheduled", 404),
        ("withdrawn", 410),
        ("withdrawn-early", 404),
        ("withdrawn-by-time", 410),
        ("never-seen", 404),
        ("until-later", 200),
    ],
)
def test_own_address_answers_by_state(client, model, name, status):
    """A record that never was public answers like one that does not exist, and says nothing."""
    noun = model._meta.model_name
    build(model, "one", summary=SENTINEL, body=SENTINEL, **(HIDDEN | VISIBLE)[name])
    for route in ("detail", "json", "history"):
        response = client.get(reverse(f"{noun}-{route}", args=["one"]))
        assert response.status_code == status
        if route != "history":
            assert (SENTINEL in response.content.decode()) is (status == 200)
        if name == "withdrawn-by-time":
            assert "Over." in response.content.decode()


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("fields", [*HIDDEN.values(), *VISIBLE.values()], ids=[*HIDDEN, *VISIBLE])
def test_preview_without_a_link_says_nothing(client, model, fields):
    record = build(model, "one", summary=SENTINEL, **fields)
    response = client.get(reverse("preview", args=[model._meta.model_name, record.pk]))
    assert response.status_code == 404
    assert SENTINEL not in response.content.decode()


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_source_of_drafts_has_no_page(client, hidden):
    source = build_source("hidden")
    build_statement(build(Company, **hidden), [source])
    build_statement(build(Company), [source], draft=True)
    for route in ("detail", "json"):
        assert client.get(reverse(f"source-{route}", args=["hidden"])).status_code == 404


def test_public_source_names_only_what_is_public(client):
    """A source that a public and a hidden record share."""
    source = build_source("shared")
    build_statement(build(Company, "seen"), [source], text="Seen")
    for model in RECORDS:
        hidden = build(model, state="draft", name=SENTINEL, many={"sources": [source]})
        build_statement(hidden, [source], text=SENTINEL)
    build_statement(build(Company), [source], draft=True, text=SENTINEL)
    for route in ("detail", "json"):
        content = client.get(reverse(f"source-{route}", args=["shared"])).content.decode()
        assert "Seen" in content
        assert SENTINEL not in content


@pytest.mark.parametrize("model", RECORDS)
def test_scheduled_record_appears_at_its_time(client, model):
    """Nothing is saved, run or told in between: only the time of publication has come."""
    noun = model._meta.model_name
    now, hour, moment = timezone.now(), timedelta(hours=1), timedelta(milliseconds=1)
    build(model, "later", published_at=now + hour)
    build(model, "due", published_at=now - moment)
    build(model, "still", withdraw_at=now + hour, withdrawal_reason="Over.")
    build(model, "over", withdraw_at=now - moment, withdrawal_reason="Over.")
    assert slugs(client, noun) == ["due", "still"]
    for slug, status in (("due", 200), ("later", 404), ("still", 200), ("over", 410)):
        assert client.get(reverse(f"{noun}-detail", args=[slug])).status_code == status


def test_next_query_sees_a_schedule_come_due(client):
    """Within one second of real time, without a job; a withdrawal as well as a publication."""
    due = timezone.now() + timedelta(seconds=0.6)
    build(Company, "soon", published_at=due)
    build(Company, "gone", withdraw_at=due, withdrawal_reason="It was for a year.")
    before = slugs(client, "company")
    assert timezone.now() < due, "the machine is too slow to look before the time"
    assert before == ["gone"]
    while timezone.now() < due + timedelta(milliseconds=5):
        pass
    assert slugs(client, "company") == ["soon"]
    assert "It was for a year." in client.get(reverse("company-json", args=["gone"])).content.decode()
