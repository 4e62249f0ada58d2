"""An invented hub of any size, for trying out and for measuring. Every record says that it is a sample.

Rows are written in bulk, past the signals; at the end the journal's listeners are told of all of them.
"""

import random
from datetime import UTC, datetime, timedelta

from django.db import transaction

from ecosystem.journal import CONTENT, NOT_KNOWN, tell
from ecosystem.models import (
    Breakthrough,
    Challenge,
    Collection,
    Company,
    Factor,
    Hub,
    Institution,
    Place,
    Sector,
    Source,
    Statement,
)

PREFIX = "sample-"
CHUNK = 2000
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
FIELDS = ["Robotics", "Chips", "Games", "Biotech", "Payments", "Logistics", "Cloud", "Optics", "Energy"]
FIRST = ["Amber", "Brisk", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Harbour", "Indigo", "Juniper"]
SECOND = ["Loop", "Mesh", "Node", "Orbit", "Pixel", "Quant", "Relay", "Signal", "Tensor", "Vector"]
CHINESE = ["云栖", "星河", "求索", "灵犀", "深蓝", "青松", "白鹭", "远山", "飞燕", "明湖"]
FEW = 12


def make(companies, seed):
    """Write an invented hub with so many companies; one seed gives one hub. Returns {model: number}.

    About two minutes for 100,000 companies, most of it for the search index and the change log.
    """
    with transaction.atomic():
        keys = Sample(companies, random.Random(seed)).make()  # noqa: S311  # nosec B311 -- no secret
    tell({model: dict.fromkeys(keys[model], NOT_KNOWN) for model in CONTENT})
    return {model: len(found) for model, found in keys.items()}


def drawn(deal, model, name, blank=0.0):
    """One of a field's choices, or with the probability `blank` none."""
    choices = [value for value, _ in model._meta.get_field(name).choices]
    return "" if deal.random() < blank else deal.choice(choices)


class Sample:
    """`keys` holds the primary keys of what was written, by model."""

    def __init__(self, companies, deal):
        self.companies, self.deal = companies, deal
        self.keys = {model: [] for model in CONTENT}

    def make(self):
        self.write(Sector, [self.named(Sector, name, definition="Invented.") for name in FIELDS])
        above = self.write(Place, [self.place("City", Place.Kind.CITY)])
        for kind in (Place.Kind.DISTRICT, Place.Kind.PARK):
            above = self.write(Place, [self.place(f"{kind.label} {n}", kind, above) for n in range(FEW)])
        self.records(Source, self.companies // 5 + FEW)
        self.records(Institution, FEW)
        self.records(Company, self.companies)
        self.records(Breakthrough, self.companies // 10 + FEW)
        self.records(Challenge, self.companies // 1000 + FEW)
        for model, number in ((Factor, FEW), (Collection, FEW), (Hub, 3)):
            self.records(model, number)
        return self.keys

    def place(self, name, kind, above=()):
        parent = self.deal.choice(above) if above else None
        return self.named(Place, name, kind=kind, parent=parent, definition="Invented.")

    def named(self, model, name, **fields):
        slug = PREFIX + name.lower().replace(" ", "-")
        return model(slug=slug, name=f"Sample {name}", **fields)

    def write(self, model, rows):
        model.objects.bulk_create(rows, batch_size=CHUNK)
        self.keys[model] += [row.pk for row in rows]
        return rows

    def records(self, model, number):
        """Write records with their relations and statements, a chunk in memory at a time."""
        build = getattr(self, model._meta.model_name)
        for start in range(0, number, CHUNK):
            rows = [build(n) for n in range(start, min(start + CHUNK, number))]
            self.write(model, rows)
            for field in model._meta.many_to_many:
                self.relate(field, rows, most=30 if model is Collection else 2)
            if model is not Source:
                self.tell_of(rows)

    def relate(self, field, rows, most):
        """Tie each row to none or some of what the relation leads to."""
        through, known = field.remote_field.through, self.keys[field.related_model]
        near, far = field.m2m_field_name(), field.m2m_reverse_field_name()
        through.objects.bulk_create(
            (
                through(**{f"{near}_id": row.pk, f"{far}_id": key})
                for row in rows
                for key in set(self.deal.choices(known, k=self.deal.randint(1, most)) if known else ())
            ),
            batch_size=CHUNK,
        )

    def tell_of(self, rows):
        """Write one to four statements of each record, each with a source or two."""
        statements = [
            self.statement(row, number) for row in rows for number in range(self.deal.choice((1, 2, 2, 3, 4)))
        ]
        self.write(Statement, statements)
        self.relate(Statement._meta.get_field("sources"), statements, most=2)

    def source(self, number):
        return Source(
            key=f"{PREFIX}{number}",
            url=f"https://sample.invalid/{number}",
            title=f"Sample document {number}",
            publisher=f"Sample publisher {number % 40}",
            origin=f"Sample publisher {number % 40}",
            published=self.date(),
            language="en",
            kind=drawn(self.deal, Source, "kind"),
        )

    def record(self, model, number, name="", **fields):
        """A public record with the fields that all have in common."""
        name = f"{name or model._meta.verbose_name.capitalize()} {number}"
        fields["summary"] = f"An invented record that works on {self.deal.choice(FIELDS).lower()}."
        fields["body"] = "Nothing here is true: this record was made to **try the portal out**.\n" * 3
        opened = SINCE + timedelta(hours=self.deal.randrange(15_000))
        return self.named(model, name, state="published", published_at=opened, **fields)

    def date(self):
        return self.deal.choice(["{y}", "{y}-{m:02}", "{y}-{m:02}-{d:02}"]).format(
            y=self.deal.randint(1996, 2024), m=self.deal.randint(1, 12), d=self.deal.randint(1, 28)
        )

    def company(self, number):
        draw = self.deal
        return self.record(
            Company,
            number,
            f"{draw.choice(FIRST)} {draw.choice(SECOND)}",
            name_zh=f"样本{draw.choice(CHINESE)}{number}",
            founded=self.date() if draw.random() < 0.9 else None,
            place_id=draw.choice([*self.keys[Place], None]),
            hub_link=draw.choices(Company.HubLink.values, [70, 20, 7, 3])[0],
            ownership=drawn(draw, Company, "ownership", blank=0.1),
            size_band=drawn(draw, Company, "size_band", blank=0.3),
            open_source=draw.choice([True, False, None]),
            parent_id=draw.choice(self.keys[Company])
            if self.keys[Company] and draw.random() < 0.05
            else None,
            website=f"https://sample.invalid/companies/{number}",
        )

    def breakthrough(self, number):
        kind = drawn(self.deal, Breakthrough, "kind")
        return self.record(Breakthrough, number, date=self.date(), kind=kind)

    def challenge(self, number):
        chosen = {name: drawn(self.deal, Challenge, name) for name in ("category", "severity", "trend")}
        reasons = {"severity_reason": "Invented.", "trend_reason": "Invented."}
        return self.record(Challenge, number, since=self.date(), **chosen, **reasons)

    def factor(self, number):
        return self.record(Factor, number, kind=drawn(self.deal, Factor, "kind"))

    def institution(self, number):
        place = self.deal.choice(self.keys[Place])
        return self.record(Institution, number, kind=drawn(self.deal, Institution, "kind"), place_id=place)

    def collection(self, number):
        return self.record(Collection, number)

    def hub(self, number):
        is_home = not number and not Hub.objects.filter(is_home=True).exists()
        return self.record(Hub, number, country="Nowhere", is_home=is_home)

    def statement(self, row, number):
        """The first states a fact, the second a figure, others what happened, or a claim that was checked."""
        kind = ["fact", "metric", *self.deal.choice([["event", "check"], ["funding", "event"]])][number]
        counted = kind in ("metric", "funding")
        return Statement(
            **{row._meta.model_name: row},
            reference=f"{PREFIX}{row._meta.model_name}-{row.slug.rpartition('-')[2]}-{number}",
            kind=kind,
            key=f"sample-{kind}",
            label=f"Sample {kind}",
            text="" if counted else f"Invented: {self.deal.choice(FIRST)} {self.deal.choice(SECOND)}.",
            value=self.deal.randint(1, 9999) if counted else None,
            unit={"metric": "people", "funding": "million RMB"}.get(kind, ""),
            date=self.date(),
            status=self.deal.choices(Statement.Status.values, [30, 40, 20, 6, 4])[0],
            position=number,
        )
