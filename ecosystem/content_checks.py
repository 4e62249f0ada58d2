"""The rules that published content keeps. Each yields (row, field, what is wrong); drafts are exempt."""

import re
from collections import namedtuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.text import slugify

from ecosystem.content import NAMED, Candidates
from ecosystem.models import Company, Place, Source, Statement
from ecosystem.status import allowed_to

Finding = namedtuple("Finding", "rule where what")
# A record's row or that of one of its statements, the name of its field, and what is wrong with it.
Fault = namedtuple("Fault", "row field what")
LINK = re.compile(r"\]\(\s*<?([^\s)>]+)")
SENTENCE_END = re.compile(r"[.!?][”)]?\s+(?=[A-Z“])")


def without_summary(content):
    for record in content.records:
        if not record.summary:
            yield record, "summary", "missing"


def without_source(content):
    for statement in content.statements:
        if not statement.sources.all():
            yield statement, "sources", "none stands behind the statement"
    for record in content.records:
        if not record.sources.all():
            yield record, "sources", "none stands behind the text"


def status_too_strong(content):
    for statement in content.statements:
        found = allowed_to(statement)
        if not found.permits(statement.status):
            yield statement, "status", f"is {statement.status}; its sources allow {found.status}: {found.why}"


def in_place(firm, said):
    """Whether the text names the firm's place or one around it. The city tells nothing: all are in it."""
    place, slugs = firm.place, {firm.place.slug}
    while place := place.parent:
        slugs |= {place.slug} if place.kind != Place.Kind.CITY else set()
    return any(slug in slugify(said.text) for slug in slugs)


def of_size(firm, said):
    bounds = (0, 50, 250, 1000, 10_000, float("inf"))
    band = Company.SizeBand.values.index(firm.size_band)
    return said.value is None or bounds[band] <= said.value < bounds[band + 1]


def is_open(firm, said):
    return firm.open_source is not said.text.lower().startswith(("no", "closed", "proprietary"))


# A typed column: keys (or kinds) of statements that support it; whether one of the first key agrees with it.
Column = namedtuple("Column", "keys agrees", defaults=[None])
COLUMNS = {
    "founded": Column(["founded"], lambda firm, said: not said.date or firm.founded.agrees_with(said.date)),
    "place": Column(["place", "neighbourhood"], in_place),
    "headquarters_city": Column(
        ["headquarters-city", "place", "hub-link"],
        lambda firm, said: firm.headquarters_city.lower() in said.text.lower(),
    ),
    "hub_link": Column(["hub-link", "headquarters-city", "place", "neighbourhood", "legal-name"]),
    "ownership": Column(["ownership"], lambda firm, said: firm.get_ownership_display() in said.text),
    "exchange": Column(["listing"]),
    "ticker": Column(
        ["listing"], lambda firm, said: all(part.strip() in said.text for part in firm.ticker.split(";"))
    ),
    "parent": Column(
        ["parent"],
        lambda firm, said: any(name in said.text for name in (firm.parent.name, *firm.parent.names)),
    ),
    "website": Column(["website"], lambda firm, said: firm.website.rstrip("/") == said.text.rstrip("/")),
    "size_band": Column(["employees"], of_size),
    "open_source": Column(["open-source"], is_open),
}
# What else shows how a firm is owned: a round of funding, a listing, a parent.
OWNERSHIP = {"private": ["funding"], "public": ["listing"], "subsidiary": ["parent", "owner"]}


def filled_columns(company):
    """The typed columns that say something: [(name, column)]."""
    nothing = ("", None, Company.HubLink.UNKNOWN)
    return [(name, column) for name, column in COLUMNS.items() if getattr(company, name) not in nothing]


def evidence(company, keys):
    """Statements of these keys or kinds, oldest first; neither checked claims nor unsupported ones."""
    found = [
        said
        for said in company.statements.all()
        if {said.key, said.kind} & set(keys)
        and said.kind != Statement.Kind.CHECK
        and said.status != Statement.Status.UNSUPPORTED
    ]
    return sorted(found, key=lambda said: said.date or "")


def column_without_statement(content):
    for company in content.companies:
        for name, column in filled_columns(company):
            more = OWNERSHIP.get(company.ownership, []) if name == "ownership" else []
            if not evidence(company, column.keys + more):
                wanted = f"is filled, but no statement supports it: one with the key {column.keys[0]} would"
                yield company, name, wanted


def column_contradicted(content):
    """By any statement that counts as true; where all are disputed, by every one of the rivals."""
    for company in content.companies:
        for name, column in filled_columns(company):
            said = evidence(company, column.keys[:1]) if column.agrees else []
            if name == "size_band":
                said = said[-1:]
            true = [one for one in said if one.counts_as_true]
            against = [one for one in true or said if not column.agrees(company, one)]
            if against and (true or len(against) == len(said)):
                yield company, name, f"contradicts {against[0].reference}: {against[0].words}"


def unsupported_but_counted(content):
    """A claim that did not hold must not stand in a column, nor come back elsewhere in the same words."""
    true = {said.text.casefold(): said for said in content.statements if said.counts_as_true}
    for claim in content.statements:
        if claim.status != Statement.Status.UNSUPPORTED:
            continue
        if twin := true.get(claim.text.casefold()):
            yield claim, "status", f"is unsupported, but {twin.reference} says the same"
        for name, column in filled_columns(claim.company) if claim.company else ():
            if claim.key == column.keys[0] and column.agrees and column.agrees(claim.company, claim):
                backed = [said for said in evidence(claim.company, [claim.key]) if said.counts_as_true]
                if not any(column.agrees(claim.company, said) for said in backed):
                    yield claim, "status", f"is unsupported, but {name} counts it as true"


def leads_somewhere(content, link):
    """Whether a link within the site leads to a page, and to a statement if it names one."""
    parts = urlsplit(link)
    if parts.fragment and not content.has_statement(parts.fragment):
        return False
    try:
        match = parts.path and resolve(parts.path)
    except Resolver404:
        return False
    noun, _, page = (match.url_name or "").rpartition("-") if match else ("", "", "")
    return page != "detail" or content.answers(noun, *match.kwargs.values())


def dead_reference(content):
    for row, field, text in content.prose:
        for link in LINK.findall(text):
            if link.startswith(("/", "#")) and not leads_somewhere(content, link):
                yield row, field, f"links to {link}, which readers cannot see"
    for record in content.records:
        named = {name: list(getattr(record, name).all()) for name in NAMED if hasattr(record, name)}
        filled = {name: rows for name, rows in named.items() if rows}
        if filled and not any(map(content.shows_one_of, filled.values())):
            yield record, min(filled), "names only records that readers cannot see"


def invalid_field(content):
    """Fields alone: uniqueness, relations and constraints are kept by the database."""
    for row in [*content.records, *content.statements, *content.sources, *content.vocabulary]:
        try:
            row.clean_fields(exclude={field.name for field in row._meta.fields if field.is_relation})
            row.clean()
        except ValidationError as error:
            yield from ((row, name, " ".join(why)) for name, why in error.message_dict.items())
        for field in row._meta.fields:
            # Django keeps the length of a long text in forms only.
            most = field.max_length if field.get_internal_type() == "TextField" else None
            if most and len(getattr(row, field.name)) > most:
                yield row, field.name, f"is longer than {most} characters"


def long_summary(content):
    for record in content.records:
        if len(SENTENCE_END.findall(record.summary)) > 1:
            yield record, "summary", "has more than two sentences"


def long_opening(content):
    """What the hub is, the first page says in three sentences."""
    for hub in content.records:
        if getattr(hub, "is_home", False) and len(SENTENCE_END.findall(f"{hub.summary} {hub.opening}")) > 2:
            yield hub, "body", "makes, in its first paragraph, more than three sentences with the summary"


def idle_source(content):
    used = set()
    for relation in Source._meta.related_objects:
        used.update(relation.through.objects.values_list("source_id", flat=True))
    yield from ((source, "", "is used by nothing") for source in content.sources if source.pk not in used)


def foreign_scheme(content):
    """Addresses of the web, and of mail in prose; nothing else."""
    found = [
        (row, name, getattr(row, name), ()) for row in content.sources for name in ("url", "archive_url")
    ]
    found += [(company, "website", company.website, ()) for company in content.companies]
    prose = ((row, field, link) for row, field, text in content.prose for link in LINK.findall(text))
    for row, field, url, more in [*found, *((*said, ("", "mailto")) for said in prose)]:
        if url and urlsplit(url).scheme not in ("http", "https", *more):
            yield row, field, f"{url} is no web address"


RULES = (
    without_summary,
    without_source,
    status_too_strong,
    column_without_statement,
    column_contradicted,
    unsupported_but_counted,
    dead_reference,
    invalid_field,
    long_summary,
    long_opening,
    foreign_scheme,
)


def findings(content):
    """Everything that breaks a rule, rule by rule."""
    for rule in (*RULES, idle_source):
        for row, field, what in rule(content):
            where = f"{row._meta.verbose_name} {row.natural_key()[0]}"
            yield Finding(rule.__name__.replace("_", " "), where, f"{field}: {what}" if field else what)


def faults(rows):
    """What stands against the publication of records of one kind: {key: [Fault]}, rule by rule."""
    content = Candidates(rows)
    found = {record.pk: [] for record in content.records}
    for rule in RULES:
        for row, field, what in rule(content):
            subject = row.subject if isinstance(row, Statement) else row
            found[subject.pk].append(Fault(row, field, what))
    return found
