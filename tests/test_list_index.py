"""The index of lists says what SQL says, whatever is asked and whatever is committed."""

import gc
import random
import time
import weakref
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from ecosystem import list_index, results, row_sets
from ecosystem.list_index import ListIndex
from ecosystem.models import Breakthrough, Challenge, Collection, Company, Place, Sector, Statement
from ecosystem.views.company import similar
from hubportal import content_log
from tests.builders import build, build_source, build_statement
from tests.pages import address

pytestmark = pytest.mark.django_db(transaction=True)

STATES = ["published"] * 5 + ["draft", "review", "withdrawn"]
WORDS = ["amber", "brisk", "云栖", "delta"]


def firm(deal, places, sectors):
    """A company dealt at random."""
    return build(
        Company,
        name=f"{deal.choice(WORDS).title()} {deal.randrange(1000)}",
        state=deal.choice(STATES),
        place=deal.choice([*places, None]),
        ownership=deal.choice([*Company.Ownership.values, ""]),
        hub_link=deal.choice(Company.HubLink.values),
        open_source=deal.choice([True, False, None]),
        founded=deal.choice([None, "1999", "2010-05", "2016", "2016-07-09"]),
        many={"sectors": deal.sample(sectors, deal.randint(0, 3))},
    )


class City:
    """Content that changes at random, but always in the same way."""

    def __init__(self, deal):
        self.deal = deal
        self.sectors = [build(Sector) for _ in range(4)]
        district = build(Place, "district")
        self.places = [district, build(Place, "park", parent=district), build(Place, "away")]
        self.firms = [firm(deal, self.places, self.sectors) for _ in range(15)]
        for model in (Collection, Challenge, Breakthrough):
            for _ in range(3):
                build(model, state=deal.choice(STATES), many={"companies": deal.sample(self.firms, 4)})
        for row in deal.sample(self.firms, 8):
            self.state(row)
        self.state(Breakthrough.objects.first())

    def state(self, row):
        """A statement dealt at random about a row."""
        deal = self.deal
        dated = {"date": deal.choice([None, "2010-05", "2016"]), "draft": deal.random() < 0.2}
        build_statement(row, status=deal.choice(Statement.Status.values), **dated)

    def change(self):
        """One commit of each kind that a list could miss."""
        deal, (one, two, three, four) = self.deal, self.deal.sample(self.firms, 4)
        one.name, one.founded, one.state = "Zeal 1", "2001", "published"
        one.save()
        two.sectors.set(deal.sample(self.sectors, 2))
        Collection.objects.first().companies.set([two, three])
        three.state, three.withdrawal_reason = "withdrawn", "A double."
        three.save()
        self.firms.remove(four)
        four.delete()
        self.firms.append(firm(deal, self.places, self.sectors))
        build_statement(one, status="disputed")
        Statement.objects.order_by("pk").first().delete()
        for row in (self.sectors[0], self.places[1]):
            row.slug += "-renamed"
            row.save()
        self.places[2].parent = self.places[0]
        self.places[2].save()


def queries(deal, number=8):
    """Random queries of the list of companies."""
    some = {
        "q": [*WORDS, "zeal"],
        "place": Place.objects.values_list("slug", flat=True),
        "ownership": Company.Ownership.values,
        "hub_link": Company.HubLink.values,
        "open_source": ["yes", "no", "unknown"],
        "collection": Collection.objects.published().values_list("slug", flat=True),
        "affected_by": Challenge.objects.published().values_list("slug", flat=True),
        "sector": Sector.objects.values_list("slug", flat=True),
        "evidence": ["disputed", "unsupported", "corroborated"],
        "founded_from": [2000, 2011, 2999],
        "founded_to": [1998, 2010, 2016],
        "sort": ["name", "founded", "-founded", "updated"],
        "page_size": [3, 100],
        "page": [1],
    }
    single = {"q", "founded_from", "founded_to", "sort", "page_size", "page"}
    for _ in range(number):
        pairs = []
        for name in deal.sample(sorted(some), deal.randint(0, 4)):
            values = sorted(some[name], key=str)
            if values:
                chosen = deal.sample(values, 1 if name in single else deal.randint(1, min(2, len(values))))
                pairs += [(name, value) for value in chosen]
        yield urlencode(pairs)


def answers(client, asked):
    """What readers are told: rows, counts, pages and charts, by address."""
    told = {}
    for query in asked:
        data = client.get(address("company", "json", query)).json()
        data.pop("generated_at", None)
        told[query] = data
        if "page" not in query:
            path = f"/companies/charts/{('founded', 'sectors')[len(query) % 2]}.csv?{query}"
            told[path] = client.get(path).getvalue()
    some = ["status=disputed&record_type=company", "year_from=2011", "record_type=breakthrough&sort=date"]
    some += [f"sector={slug}" for slug in Sector.objects.values_list("slug", flat=True)]
    for query in ("", "page_size=3&page=2", *some):
        told["statement", query] = client.get(address("statement", "json", query)).json()
        told["statement", query].pop("generated_at", None)
    told["statement", "csv"] = client.get(address("statement", "csv")).getvalue()
    for word in (*WORDS, "zeal", "what"):
        told["search", word] = client.get(reverse("search-json"), {"q": word}).json() | {"generated_at": None}
        assert "groups" in told["search", word]
    for noun in ("breakthrough", "challenge", "collection"):
        told[noun] = client.get(address(noun, "json")).json() | {"generated_at": None}
    return told


def check(client, settings, deal):
    asked = ["", "page_size=3&page=2", *queries(deal)]
    found = {}
    for settings.LIST_INDEX in (True, False):
        found[settings.LIST_INDEX] = answers(client, asked)
    assert all("records" in found[True][query] for query in asked)
    assert found[True] == found[False]


def test_index_says_what_sql_says_before_and_after_commits(client, settings, monkeypatch):
    deal = random.Random(11)
    city = City(deal)
    check(client, settings, deal)

    def anew(queryset, now):
        assert queryset.model not in (Company, Statement), "it is amended, not read anew"
        return ListIndex(queryset, now)

    monkeypatch.setattr(list_index, "ListIndex", anew)
    # Some values have few rows here, some have many.
    monkeypatch.setattr(row_sets, "FEW", 4)
    for _ in range(2):
        city.change()
        check(client, settings, deal)


def test_column_that_a_commit_dropped_may_be_dropped_at_the_next(client, settings):
    """Nobody reads it again between a commit about sectors and one about a company."""
    settings.LIST_INDEX = True
    sector = build(Sector, "robotics")
    firm = build(Company, "one", many={"sectors": [sector]})
    public = Company.objects.published()
    assert client.get(address("company", "json", "sector=robotics")).json()["total"] == 1
    for row in (sector, firm):
        row.name = "Other"
        row.save()
        list_index.index_of(public)
    assert client.get(address("company", "json", "sector=robotics")).json()["total"] == 1


def test_row_that_moves_is_put_into_its_place_in_every_order(settings, monkeypatch):
    settings.LIST_INDEX = True
    monkeypatch.setattr(list_index, "SAMPLE", 2)
    deal = random.Random(3)
    firms = [build(Company, name=f"Firm {deal.randrange(100)}") for _ in range(20)]
    public, orders = Company.objects.published(), (["name", "pk"], ["-updated_at", "pk"])
    index = list_index.index_of(public)
    for ordering in orders:
        index.order(str(ordering), ordering)
    for number, firm in enumerate(deal.sample(firms, 8)):
        firm.name, firm.state = f"Firm {deal.randrange(100)}", "draft" if number % 4 == 3 else "published"
        firm.save()
        index = list_index.index_of(public)
        for ordering in orders:
            in_sql = public.order_by(*ordering).values_list("pk", flat=True)
            assert list(index.orders[str(ordering)][1]) == list(in_sql)


def test_index_follows_schedules(client, settings):
    settings.LIST_INDEX = True
    build(Company, "open")
    build(Company, "late", published_at=timezone.now() + timedelta(seconds=0.6))
    build(Company, "leaving", withdraw_at=timezone.now() + timedelta(seconds=0.6), withdrawal_reason="Over.")

    def shown():
        data = client.get(address("company", "json")).json()
        return data["total"], [record["slug"] for record in data["records"]]

    assert shown() == (2, ["leaving", "open"])
    time.sleep(0.7)
    assert shown() == (2, ["late", "open"])


def test_index_is_read_anew_where_nobody_can_say_what_was_touched(client, settings):
    settings.LIST_INDEX = True
    build(Company, "first")
    assert client.get(address("company", "json")).json()["total"] == 1
    row = build(Company, "second", state="draft")
    assert client.get(address("company", "json")).json()["total"] == 1
    Company.objects.filter(pk=row.pk).update(state="published")
    assert client.get(address("company", "json")).json()["total"] == 1
    content_log.append(None)
    assert client.get(address("company", "json")).json()["total"] == 2


def test_index_of_earlier_content_is_not_left_in_memory(client, settings):
    settings.LIST_INDEX = True
    firm = build(Company, name="Unitree")
    client.get(address("company"))
    old = weakref.ref(list_index.indexes[Company])
    gc.disable()
    try:
        for _ in range(2):
            firm.save()
            client.get(address("company"))
        assert old() is None
    finally:
        gc.enable()


def test_sql_serves_while_the_version_is_not_known(client, settings, monkeypatch):
    settings.LIST_INDEX = True
    build(Company)
    monkeypatch.setattr(content_log, "version", lambda: None)
    list_index.indexes.clear()
    assert client.get(address("company", "json")).json()["total"] == 1
    assert list_index.index_of(Company.objects.published()) is None


def test_sql_serves_where_keys_are_too_large_for_bits(client, settings, monkeypatch):
    settings.LIST_INDEX = True
    near, public = build(Company), Company.objects.published()
    monkeypatch.setattr(list_index, "MOST_BITS", near.pk + 1)
    assert list_index.index_of(public)
    far = build(Company)
    assert list_index.index_of(public) is None
    assert client.get(address("company", "json")).json()["total"] == 2
    far.delete()
    assert list_index.index_of(public)
    assert client.get(address("company", "json")).json()["total"] == 1


def test_row_that_went_since_is_in_no_data_though_the_index_has_it(client, settings):
    """The rows of a page pass the gate again, whatever memory says."""
    settings.LIST_INDEX = True
    row = build(Company, "secret")
    assert "secret" in client.get(address("company", "json")).content.decode()
    Company.objects.filter(pk=row.pk).update(state="draft")
    assert "secret" not in client.get(address("company", "json")).content.decode()


def test_card_is_as_new_as_its_record_and_all_that_it_names(client, settings):
    settings.LIST_INDEX = True
    sector, place = build(Sector, name="Robots"), build(Place, name="Binjiang")
    company = build(Company, name="Unitree", place=place, many={"sectors": [sector]})

    def card():
        return client.get(address("company")).content.decode().partition('<li class="card">')[2]

    assert all(name in card() for name in ("Unitree", "Robots", "Binjiang"))
    for row, name in ((company, "Renamed firm"), (sector, "Renamed sector"), (place, "Renamed place")):
        row.name = name
        row.save()
        assert name in card()


def test_card_of_a_statement_is_as_new_as_its_record(client, settings):
    settings.LIST_INDEX = True
    company = build(Company, name="Unitree")
    build_statement(company)
    assert "Unitree" in client.get(address("statement")).content.decode()
    company.name = "Renamed firm"
    company.save()
    assert "Renamed firm" in client.get(address("statement")).content.decode()
    company.state = "draft"
    company.save()
    assert "Renamed firm" not in client.get(address("statement")).content.decode()


def test_line_of_a_file_is_as_new_as_all_that_it_tells(client, settings):
    settings.LIST_INDEX = True
    sector, place, parent = build(Sector), build(Place), build(Company, hub_link="linked")
    company = build(Company, place=place, parent=parent, many={"sectors": [sector]})
    source = build_statement(company).sources.first()

    def lines():
        return client.get(address("company", "csv")).getvalue().decode()

    assert lines() == lines()
    for row, name in (
        (company, "name"),
        (sector, "name"),
        (place, "name"),
        (parent, "name"),
        (source, "url"),
    ):
        setattr(row, name, f"https://example.org/{row._meta.model_name}-{row.pk}-anew")
        row.save()
        assert getattr(row, name) in lines()
    parent.state = "draft"
    parent.save()
    assert parent.name not in lines()


def move(statement, firm):
    statement.company = firm
    statement.save()


def rename(row, name, value):
    setattr(row, name, value)
    row.save()


# What one commit does to a firm, the firm above it, or its statement: each shows in a file of all.
COMMITS = {
    "renamed": lambda firm, above, said: rename(firm, "name", "Zeal"),
    "address moved": lambda firm, above, said: rename(firm, "slug", "elsewhere"),
    "taken back": lambda firm, above, said: rename(firm, "state", "draft"),
    "prose sourced": lambda firm, above, said: firm.sources.add(build_source("prose")),
    "sector left": lambda firm, above, said: firm.sectors.clear(),
    "above renamed": lambda firm, above, said: rename(above, "name", "Holding"),
    "above moved": lambda firm, above, said: rename(above, "slug", "holding"),
    "above hidden": lambda firm, above, said: rename(above, "state", "draft"),
    "above deleted": lambda firm, above, said: (rename(firm, "parent", None), above.delete()),
    "doubted": lambda firm, above, said: rename(said, "status", "disputed"),
    "held back": lambda firm, above, said: rename(said, "draft", True),
    "sourced": lambda firm, above, said: said.sources.add(build_source("second")),
    "source moved": lambda firm, above, said: rename(said.sources.get(), "url", "https://example.org/moved"),
    "said of another": lambda firm, above, said: move(said, above),
    "unsaid": lambda firm, above, said: said.delete(),
}


def test_file_is_what_sql_says_after_each_commit(client, settings):
    path, found, sector = address("company", "csv"), {}, build(Sector, "robots")
    for number, (what, commit) in enumerate(COMMITS.items()):
        above = build(Company, f"above-{number}")
        firm = build(Company, f"firm-{number}", parent=above, many={"sectors": [sector]})
        said = build_statement(firm)
        settings.LIST_INDEX = True
        before = client.get(path).getvalue()
        commit(firm, above, said)
        for settings.LIST_INDEX in (True, False):
            found[settings.LIST_INDEX] = client.get(path).getvalue()
        assert found[True] == found[False] != before, what


def test_lines_that_a_commit_did_not_touch_stay(client, settings):
    settings.LIST_INDEX = True
    firms = [build(Company) for _ in range(3)]
    firms[1].parent = firms[0]
    firms[1].save()
    client.get(address("company", "csv")).getvalue()
    rename(firms[0], "name", "Zeal")
    kept = list_index.index_of(Company.objects.published()).shown.kept_lines
    assert kept.keys() == {firms[2].pk}


def test_file_longer_than_what_is_kept_is_whole(client, settings, monkeypatch):
    settings.LIST_INDEX = True
    for _ in range(3):
        build(Company)
    kept = client.get(address("company", "csv")).getvalue()
    monkeypatch.setattr(results, "MOST_LINES", 2)
    assert client.get(address("company", "csv")).getvalue() == kept
    assert kept.count(b"\n") == 4


def test_similar_firms_are_those_that_sql_finds(client, settings):
    city = City(random.Random(5))
    settings.LIST_INDEX = True
    for firm in Company.objects.published():
        found = {}
        for settings.LIST_INDEX in (True, False):
            found[settings.LIST_INDEX] = [row.pk for row in similar(firm)]
        assert found[True] == found[False]
    assert city.firms
