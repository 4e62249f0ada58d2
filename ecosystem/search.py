"""Finding records by their words, and the index of those words that follows every commit."""

import re
from difflib import get_close_matches
from itertools import chain

from django.db import connection, transaction
from django.db.models import Prefetch

from ecosystem.journal import listen
from ecosystem.list_index import index_of
from ecosystem.models import RECORDS, Place, SearchEntry, Sector, Source, Statement
from ecosystem.tokens import IS_HAN, WORD, code, folded, phrases, tokens

SEARCHED = (*RECORDS, Sector, Place, Source)
# What a row is called, what else it goes by, and what is told about it; a model has some of each.
NAMES = ("name", "name_zh", "title")
OTHER_NAMES = ("legal_name", "other_names", "ticker", "publisher")
TEXTS = ("summary", "definition", "note", "country", "headquarters_city", "exchange", "severity_reason")
TEXTS += ("trend_reason", "coordinate_note", "origin", "url", "body")

# Where a name is written as one word that readers type as two: “DeepSeek”.
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Tokens begin with w or x, so no query can ask for these, which stand around names and between fields.
NAME_END, FIELD_END = " zname ", " zfield "
# PostgreSQL knows no position past the 16,383rd.
MOST_TOKENS = 16_000
LONGEST_QUERY = 200
BATCH = 500
MOST_CANDIDATES = 300

# The whole name, its beginning, any name, the text; inside each of these what the database ranks best.
RANKED = """
    SELECT kind, object_id, CASE WHEN entry.title LIKE %(whole)s THEN 0 WHEN entry.title LIKE %(start)s THEN 1
        WHEN {named} THEN 2 ELSE 3 END AS tier FROM {found} ORDER BY tier, {rank}, kind, object_id
"""
DIALECTS = {
    "sqlite": {
        "found": "ecosystem_searchfts JOIN ecosystem_searchentry AS entry"
        " ON entry.id = ecosystem_searchfts.rowid WHERE ecosystem_searchfts MATCH %(match)s",
        "named": "entry.id IN (SELECT rowid FROM ecosystem_searchfts(%(named)s))",
        "rank": "bm25(ecosystem_searchfts, 10, 1)",
    },
    "postgresql": {
        "found": "ecosystem_searchentry AS entry, to_tsquery('simple', %(match)s) AS query"
        " WHERE tokens @@ query",
        "named": "tokens @@ to_tsquery('simple', %(named)s)",
        "rank": "-ts_rank('{0, 0, 0.1, 1}', tokens, query)",
    },
}


def asked(text):
    """The distinct phrases of a query, as tuples of tokens."""
    return list(dict.fromkeys(tuple(phrase) for phrase, _ in phrases(folded(text)[:LONGEST_QUERY])))


def expression(sought, either=False, named=False):
    """Phrases in the database's own language, the last word of each as a prefix. `named`: in names only."""
    if connection.vendor == "postgresql":
        prefix = ":*A" if named else ":*"
        return (" | " if either else " & ").join(f"({' <-> '.join(phrase)}{prefix})" for phrase in sought)
    joined = (" OR " if either else " AND ").join(f'"{" ".join(phrase)}"*' for phrase in sought)
    return f"title : ({joined})" if named else joined


def found_in(queryset, match):
    entries = SearchEntry.objects.filter(kind=queryset.model._meta.model_name).matching(match)
    return queryset.filter(pk__in=entries.values("object_id"))


def matching(queryset, text):
    """Keep the rows that hold every word of `text`; signs that are no words match nothing."""
    sought = asked(text)
    return found_in(queryset, expression(sought)) if sought else queryset.none()


def ranked(text, limits):
    """The public rows for `text` by kind: [(model, total, [rows, best first])], the best kind first.

    `limits` says how many rows of each model: {model: number}.
    """
    tiers = {}
    for kind, key, tier in ranked_keys(text):
        tiers.setdefault(kind, {})[key] = tier
    groups = []
    for model in SEARCHED:
        found = tiers.get(model._meta.model_name, {})
        if best := public_among(found, model, text):
            rows = with_texts(model.objects.published()).in_bulk(best[: limits[model]])
            shown = [rows[key] for key in best[: limits[model]] if key in rows]
            groups.append(((model is Source, found[best[0]]), (model, len(best), shown)))
    # Documents come last; kinds that are equally good keep the order in which pages name them.
    return [group for _, group in sorted(groups, key=lambda group: group[0])]


def public_among(found, model, text):
    """Of the keys of entries for `text` those of rows that readers may see, in the same order."""
    public = model.objects.published()
    if not found:
        return []
    if index := index_of(public):
        return index.public_among(found)
    seen = set(matching(public, text).order_by().values_list("pk", flat=True).iterator())
    return [key for key in found if key in seen]


def ranked_keys(text):
    """Yield (kind, key, tier) of every entry that holds all words of `text`, public or not, best first."""
    sought = asked(text)
    if not sought:
        return
    whole = " ".join(tokens(folded(text)[:LONGEST_QUERY]))
    *_, (_, tail) = phrases(folded(text)[:LONGEST_QUERY])
    parameters = {
        "match": expression(sought),
        "named": expression(sought, named=True),
        "whole": f"%{NAME_END}{whole}{NAME_END}%",
        "start": f"%{NAME_END}{whole.removesuffix(' '.join(tail)).strip()}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(RANKED.format(**DIALECTS[connection.vendor]), parameters)
        # One at a time, for there may be as many as there are records.
        yield from cursor


def finds_anything(text):
    """Whether any public row holds every word of `text`."""
    return any(matching(model.objects.published(), text).exists() for model in SEARCHED)


def near_names(text, limit=5):
    """Public records with names that look like `text`, for a reader who found nothing."""
    text = folded(text)[:LONGEST_QUERY]
    starts = {(code(sign),) for run in WORD.findall(text) for sign in (run if IS_HAN.match(run) else run[0])}
    names, parts = {}, {}
    for model in RECORDS if starts else ():
        likely = found_in(model.objects.published(), expression(sorted(starts), either=True, named=True))
        for row in likely.defer("summary", "body")[:MOST_CANDIDATES]:
            for name in map(folded, [row.name, row.name_zh, *getattr(row, "names", [])]):
                names.setdefault(name, row)
                for part in (name[: len(text)], *name.split()):
                    parts.setdefault(part, row)
    # Who is called so comes before whose name has the word in it.
    names = parts | names
    close = get_close_matches(text, names, n=limit * 3, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in close))[:limit]


def with_texts(queryset):
    """Rows with the statements that readers may see, where their kind has any."""
    if queryset.model not in RECORDS:
        return queryset
    return queryset.prefetch_related(Prefetch("statements", Statement.objects.shown()))


def entry_of(row):
    """The index entry of a row. Marks between fields keep a phrase from spanning two of them."""

    def fields(names):
        return [" ".join(tokens(line)) for name in names for line in getattr(row, name, "").splitlines()]

    spaced = " ".join(tokens(CAMEL.sub(" ", getattr(row, "name", ""))))
    names, others = [*fields(NAMES), spaced], fields(OTHER_NAMES)
    title = NAME_END + NAME_END.join(names) + NAME_END + FIELD_END + FIELD_END.join(others)
    body = FIELD_END.join([*fields(TEXTS), *chain.from_iterable(map(statement_tokens, statements_of(row)))])
    body = " ".join(body.split(maxsplit=MOST_TOKENS)[:MOST_TOKENS])
    return SearchEntry(kind=row._meta.model_name, object_id=row.pk, title=title, body=body)


def statements_of(row):
    """The statements of a row from `with_texts`."""
    return row.statements.all() if type(row) in RECORDS else ()


def statement_tokens(statement):
    texts = (statement.label, statement.words, statement.note, statement.actor)
    return [" ".join(tokens(text)) for text in texts if text]


@listen
def index(touched):
    """Bring the index up to date with rows that a transaction touched: {model: keys}."""
    with transaction.atomic():
        for model in SEARCHED:
            keys = sorted(touched.get(model, ()))
            for start in range(0, len(keys), BATCH):
                index_rows(model, keys[start : start + BATCH])


def index_rows(model, keys):
    """Write the entries of rows that exist, and drop those of others.

    The lock makes a second commit wait, so that the entry never falls back behind the row.
    """
    rows = model.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    entries = SearchEntry.objects.bulk_create(
        [entry_of(row) for row in with_texts(rows)],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["title", "body"],
    )
    gone = set(keys) - {entry.object_id for entry in entries}
    SearchEntry.objects.filter(kind=model._meta.model_name, object_id__in=gone).delete()


def reindex():
    """Build the whole index anew. Returns the number of entries."""
    with transaction.atomic():
        SearchEntry.objects.all().delete()
        index({model: list(model.objects.values_list("pk", flat=True)) for model in SEARCHED})
    return SearchEntry.objects.count()
