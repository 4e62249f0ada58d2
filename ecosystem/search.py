"""Finding records by their words, in English and Chinese, on SQLite and PostgreSQL alike.

Neither database cuts Chinese into words, so tokens are made here. A run of Chinese becomes its overlapping
pairs of characters and its last character: two characters or more are then found as a phrase of pairs, which
is an exact substring, and one character as a prefix. Every token is plain ASCII that starts with a letter, so
that no locale, stemmer or parser of a database can see it differently.
"""

import re
import unicodedata
from difflib import get_close_matches

from django.db import connection, transaction

from ecosystem.journal import listen
from ecosystem.models import RECORDS, Place, SearchEntry, Sector, Source

SEARCHED = (*RECORDS, Sector, Place, Source)
# The fields by which a row is known, and those that tell about it; a model has some of each.
TITLE = ("name", "name_zh", "legal_name", "other_names", "ticker", "title", "publisher")
BODY = ("summary", "body", "definition", "origin", "note", "url")

WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\W_]+")
# A word in a name outweighs ten in the text. Django's ORM has no bm25; the ranks differ, the order hardly.
RANKED = {
    "sqlite": "SELECT kind, object_id FROM ecosystem_searchfts JOIN ecosystem_searchentry AS entry"
    " ON entry.id = ecosystem_searchfts.rowid WHERE ecosystem_searchfts MATCH %s"
    " ORDER BY bm25(ecosystem_searchfts, 10, 1), kind, object_id",
    "postgresql": "SELECT kind, object_id FROM ecosystem_searchentry, to_tsquery('simple', %s) AS query"
    " WHERE tokens @@ query ORDER BY ts_rank('{0, 0, 0.1, 1}', tokens, query) DESC, kind, object_id",
}
BATCH = 500
LONGEST_QUERY = 200


def folded(text):
    """Lower case, full-width signs narrowed, accents off: what a reader types without a second thought."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def runs(text):
    """Yield (is Chinese, run) for each word or run of Chinese characters."""
    for run in WORD.findall(folded(text)):
        for part in re.findall(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\u3400-\u9fff\uf900-\ufaff]+", run):
            yield part[0] >= "\u3400", part


def code(sign_or_word):
    """A token in ASCII: `w` before a Latin word, the code points of anything else behind an `x`."""
    if sign_or_word.isascii():
        return f"w{sign_or_word}"
    return "x" + "".join(f"{ord(sign):05x}" for sign in sign_or_word)


def tokens(text):
    """The tokens of a text, in order."""
    for chinese, run in runs(text):
        if chinese:
            yield from (code(run[start : start + 2]) for start in range(len(run)))
        else:
            yield code(run)


def match_of(text):
    """A query in the database's own language: all words, as prefixes; Chinese as phrases. "" if empty."""
    phrases = []
    for chinese, run in runs(text[:LONGEST_QUERY]):
        pairs = [code(run[start : start + 2]) for start in range(len(run) - 1)] if chinese else []
        phrases.append(pairs or [code(run)])
    if connection.vendor == "postgresql":
        return " & ".join("(" + " <-> ".join(f"{token}:*" for token in phrase) + ")" for phrase in phrases)
    return " AND ".join('"' + " ".join(phrase) + '"' + "*" for phrase in phrases)


def matching(queryset, text):
    """Keep the rows that hold every word of `text`; signs that are no words match nothing."""
    match = match_of(text)
    if not match:
        return queryset.none()
    entries = SearchEntry.objects.filter(kind=queryset.model._meta.model_name).matching(match)
    return queryset.filter(pk__in=entries.values("object_id"))


def ranked(text, limit):
    """The best public rows for `text`, by kind: [(model, total, [rows, best first])], best kind first."""
    match = match_of(text)
    if not match:
        return []
    keys = {}
    with connection.cursor() as cursor:
        cursor.execute(RANKED[connection.vendor], [match])
        for kind, key in cursor:
            keys.setdefault(kind, []).append(key)
    models = {model._meta.model_name: model for model in SEARCHED}
    groups = [(models[kind], public_rows(models[kind], found, limit)) for kind, found in keys.items()]
    return [(model, total, rows) for model, (total, rows) in groups if total]


def public_rows(model, keys, limit):
    """How many of these keys are public, and the first of them in the order given."""
    public = model.objects.published()
    visible = set(public.values_list("pk", flat=True)) & set(keys)
    best = [key for key in keys if key in visible][:limit]
    rows = {row.pk: row for row in public.for_listing().filter(pk__in=best)}
    return len(visible), [rows[key] for key in best if key in rows]


def near_names(text, limit=5):
    """Names of public records that look like `text`, for a reader who found nothing."""
    names = {}
    for model in RECORDS:
        for row in model.objects.published():
            for name in filter(None, [row.name, row.name_zh, *getattr(row, "names", [])]):
                for word in [folded(name), *folded(name).split()]:
                    names.setdefault(word, row)
    found = get_close_matches(folded(text), names, n=limit * 2, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in found))[:limit]


def entry_of(row):
    """The index entry of a row. Fields are kept apart, so that no phrase spans two of them."""

    def joined(fields):
        return " wfieldend ".join(" ".join(tokens(getattr(row, name, "") or "")) for name in fields)

    kind = row._meta.model_name
    body = joined(BODY)
    if hasattr(row, "state"):
        shown = [f"{item.label} {item.text} {item.note} {item.actor}" for item in row.statements.all()]
        body += " wfieldend " + " wfieldend ".join(" ".join(tokens(text)) for text in shown)
    return SearchEntry(kind=kind, object_id=row.pk, title=joined(TITLE), body=body)


@listen
def index(touched):
    """Bring the index up to date with rows that a transaction touched: {model: keys}."""
    with transaction.atomic():
        for model in SEARCHED:
            keys = sorted(touched.get(model, ()))
            for start in range(0, len(keys), BATCH):
                index_rows(model, keys[start : start + BATCH])


def index_rows(model, keys):
    SearchEntry.objects.filter(kind=model._meta.model_name, object_id__in=keys).delete()
    rows = model.objects.filter(pk__in=keys)
    rows = rows.with_statements() if model in RECORDS else rows
    SearchEntry.objects.bulk_create([entry_of(row) for row in rows])


def reindex():
    """Build the whole index anew. Returns the number of entries."""
    with transaction.atomic():
        SearchEntry.objects.all().delete()
        index({model: list(model.objects.values_list("pk", flat=True)) for model in SEARCHED})
    return SearchEntry.objects.count()
