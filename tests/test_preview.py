"""What a preview shows, to whom, and for how long."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from ecosystem import previews
from ecosystem.models import RECORDS, Breakthrough, Challenge, Company, Factor, Revocation
from ecosystem.roles import AUTHOR
from hubportal import content_log
from tests.admin_pages import change_page
from tests.builders import build, build_source, build_statement, build_user
from tests.pages import by_class, links, parse, words

pytestmark = pytest.mark.django_db
each_record = pytest.mark.parametrize("model", RECORDS)
SENTINEL = "zyxwv"
LATER = timezone.now() + timedelta(days=1)
UNSEEN = {
    "draft": {"state": "draft", "published_at": None},
    "review": {"state": "review"},
    "scheduled": {"published_at": LATER},
}


def address(record):
    return reverse("preview", args=[record._meta.model_name, record.pk])


def shared(record, **since):
    until = timezone.now() + previews.LASTS - timedelta(**since)
    return reverse("preview-shared", args=[previews.token(record, until)])


@pytest.fixture
def author(client):
    client.force_login(build_user(AUTHOR))
    return client


@each_record
@pytest.mark.parametrize("state", UNSEEN)
def test_preview_and_its_link_show_the_public_page(client, model, state):
    record = build(model, summary=SENTINEL, **UNSEEN[state])
    build_statement(record, text="What it states.")
    build_statement(record, text="Held back.", draft=True)
    client.force_login(build_user(AUTHOR))
    page = client.get(address(record))
    client.logout()
    for response in (page, client.get(shared(record))):
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store, private"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"
        assert f"ecosystem/{model._meta.model_name}_detail.html" in [used.name for used in response.templates]
        text = words(parse(response))
        assert SENTINEL in text
        assert "What it states." in text
        assert "Held back." not in text
        assert 'rel="canonical"' not in response.content.decode()
        assert '<meta name="robots" content="noindex">' in response.content.decode()


@each_record
def test_preview_of_a_name_alone(author, model):
    empty = dict.fromkeys(
        {"kind", "category", "severity", "severity_reason", "trend", "trend_reason", "country"}, ""
    )
    fields = {name: value for name, value in empty.items() if hasattr(model, name)}
    record = build(model, state="draft", published_at=None, summary="", **fields)
    assert author.get(address(record)).status_code == 200


def test_banner_offers_the_link_to_share(author):
    record = build(Company, state="draft")
    page = parse(author.get(address(record)))
    [banner] = by_class(page, "version")
    until = timezone.localtime(timezone.now() + previews.LASTS)
    assert f"until {until.day} {until:%B %Y}" in words(banner)
    assert "Asia/Shanghai" in words(banner)
    [link] = [href for href, text in links(banner).items() if text == "this link"]
    author.logout()
    response = author.get(link.removeprefix("http://testserver"))
    assert response.status_code == 200
    [banner] = by_class(parse(response), "version")
    assert links(banner) == {}
    assert f"The link works until {until.day} {until:%B %Y}" in words(banner)


@each_record
def test_preview_names_only_public_relatives(author, model):
    record = build(model, state="draft", many={"sources": [build_source()]})
    for other in RECORDS:
        hidden = build(other, f"hidden-{other._meta.model_name}", name=SENTINEL, state="draft")
        for field in (*record._meta.many_to_many, *record._meta.fields):
            if field.related_model is other and field.many_to_many:
                getattr(record, field.name).add(hidden)
            elif field.related_model is other:
                setattr(record, field.name, hidden)
        for field in hidden._meta.many_to_many:
            if field.related_model is model:
                getattr(hidden, field.name).add(record)
    record.save()
    assert SENTINEL not in author.get(address(record)).content.decode()


# Who gets nothing


@each_record
def test_preview_is_nothing_to_strangers(client, model):
    record = build(model, state="draft", name=SENTINEL)
    for role in ("nobody", None):
        if role is None:
            client.force_login(build_user())
        response = client.get(address(record))
        assert response.status_code == 404
        assert SENTINEL not in response.content.decode()


def test_preview_of_nothing(author):
    assert author.get(reverse("preview", args=["company", 1])).status_code == 404
    assert author.get(reverse("preview", args=["sector", 1])).status_code == 404


def test_rights_of_one_kind_show_no_other(client):
    user = build_user()
    user.user_permissions.add(Permission.objects.get(codename="view_company"))
    client.force_login(user)
    assert client.get(address(build(Company, state="draft"))).status_code == 200
    assert client.get(address(build(Factor, state="draft"))).status_code == 404


def test_reader_with_rights_but_not_of_the_staff(client):
    user = build_user(AUTHOR)
    user.is_staff = False
    user.save()
    client.force_login(user)
    assert client.get(address(build(Company, state="draft"))).status_code == 404


def test_link_shows_its_record_alone(client):
    record, other = build(Company, state="draft"), build(Company, state="draft", name=SENTINEL)
    response = client.get(shared(record))
    assert SENTINEL not in response.content.decode()
    for url in (address(record), address(other), record.get_absolute_url()):
        assert client.get(url).status_code == 404


def test_link_works_for_seven_days(client):
    record = build(Company, state="draft", name=SENTINEL)
    assert client.get(shared(record, days=6, hours=23)).status_code == 200
    response = client.get(shared(record, days=7, seconds=1))
    assert response.status_code == 410
    assert "Ask for a new one." in words(parse(response))
    assert SENTINEL not in response.content.decode()
    assert response["Cache-Control"] == "no-store, private"


def forged():
    build(Company, "one", pk=1, state="draft")
    good = previews.signer.sign_object(["company", 1, int(LATER.timestamp())])
    yield good[:-1] + ("A" if good[-1] != "A" else "B")
    yield good.partition(":")[0]
    yield "x"
    yield signing.Signer(salt="other").sign_object(["company", 1, int(LATER.timestamp())])
    yield signing.dumps(["company", 1, int(LATER.timestamp())])


def test_forged_link_shows_nothing(client):
    for text in forged():
        response = client.get(reverse("preview-shared", args=[text]))
        assert response.status_code == 404
        assert "not one that this site made" in words(parse(response))


def test_link_ends_with_the_publication(client):
    record = build(Breakthrough)
    response = client.get(shared(record))
    assert (response.status_code, response["Location"]) == (302, record.get_absolute_url())
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "fields", [{"state": "withdrawn"}, {"withdraw_at": timezone.now(), "withdrawal_reason": "Over."}]
)
def test_link_to_withdrawn_record_shows_nothing(client, fields):
    response = client.get(shared(build(Challenge, summary=SENTINEL, **fields)))
    assert response.status_code == 410
    assert "was withdrawn" in words(parse(response))
    assert SENTINEL not in response.content.decode()


def revocation_on(page):
    """The address at which the links to a preview are taken back."""
    [found] = [href for href, text in links(parse(page)).items() if "Take back" in text]
    return found


@each_record
def test_revoked_link_shows_nothing_and_a_new_one_works(author, model):
    record, other = build(model, state="draft", summary=SENTINEL), build(model, state="draft")
    old, neighbour = shared(record), shared(other)
    page = revocation_on(author.get(address(record)))
    assert author.get(page).status_code == 200
    assert author.get(old).status_code == 200
    assert author.post(page)["Location"] == change_page(record)
    response = author.get(old)
    assert (response.status_code, response["Cache-Control"]) == (410, "no-store, private")
    assert "took back the links" in words(parse(response))
    assert SENTINEL not in response.content.decode()
    assert author.get(shared(record)).status_code == 200
    assert author.get(neighbour).status_code == 200


def test_revocation_tells_who_did_the_last_and_ends_the_next_links_too(author):
    record = build(Company, state="draft")
    page = revocation_on(author.get(address(record)))
    assert "Last done" not in author.get(page).content.decode()
    author.post(page)
    second = shared(record)
    name = Revocation.objects.get().user.username
    assert f"Last done by {name}" in author.get(page).content.decode()
    assert "Took back the links to its preview." in LogEntry.objects.get().get_change_message()
    author.post(page)
    assert author.get(second).status_code == 410


def test_link_from_before_links_could_be_revoked(author):
    record = build(Company, state="draft")
    signed = previews.signer.sign_object(["company", record.pk, int(LATER.timestamp())])
    old = reverse("preview-shared", args=[signed])
    assert author.get(old).status_code == 200
    author.post(revocation_on(author.get(address(record))))
    assert author.get(old).status_code == 410


def test_revocation_is_not_for_who_may_not_change_the_record(author):
    scheduled = build(Company, **UNSEEN["scheduled"])
    assert "Take back" not in author.get(address(scheduled)).content.decode()
    page = reverse("admin:ecosystem_company_revoke", args=[scheduled.pk])
    assert [author.get(page).status_code, author.post(page).status_code] == [403, 403]
    assert not Revocation.objects.exists()


def test_revocation_is_no_news_for_readers(author, commit):
    record = build(Company, state="draft")
    before = content_log.version()
    with commit():
        author.post(reverse("admin:ecosystem_company_revoke", args=[record.pk]))
    assert Revocation.objects.exists()
    assert content_log.version() == before


def test_link_to_deleted_record(client):
    record = build(Company, state="draft")
    link = shared(record)
    record.delete()
    response = client.get(link)
    assert response.status_code == 410
    assert "was deleted" in words(parse(response))


@pytest.mark.parametrize(
    ("fields", "is_offered"), [*((state, True) for state in UNSEEN.values()), ({}, False)]
)
def test_form_offers_preview_of_what_is_not_public(author, fields, is_offered):
    record = build(Company, **fields)
    form = author.get(reverse("admin:ecosystem_company_change", args=[record.pk])).content.decode()
    assert (f'href="{address(record)}"' in form) is is_offered


def test_writing_to_a_preview_is_not_allowed(author):
    record = build(Company, state="draft")
    assert author.post(address(record)).status_code == 405
    assert author.post(shared(record)).status_code == 405
