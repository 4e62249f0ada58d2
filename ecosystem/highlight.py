"""Showing why a row was found: the words of a query marked in the texts of the row, accents and all."""

import re
from dataclasses import dataclass
from typing import Any

from ecosystem.models import Source
from ecosystem.search import LONGEST_QUERY, TEXTS, statements_of
from ecosystem.tokens import HAN, IS_HAN, PART, WORD, folded

LETTER = rf"[^\W\d_{HAN}]"
AROUND = 90
# Bounded, or each “[” and “(” of many would be tried to the end of the text.
LINK = re.compile(r"\[([^\[\]]*)\]\([^)]{0,2000}\)")
MARKDOWN_SIGNS = re.compile(r"[*#`>|]+")


def pattern(word):
    """A folded word as the index finds it: Chinese anywhere, others from the start of a word."""
    if IS_HAN.match(word):
        return re.compile(re.escape(word))
    before = r"(?<!\d)" if word[0].isdecimal() else f"(?<!{LETTER})"
    return re.compile(before + r"[\W_]*".join(map(re.escape, PART.findall(word))))


class Marker:
    """The words of a query, to be found in the texts of a row."""

    def __init__(self, query):
        words = dict.fromkeys(WORD.findall(folded(query)[:LONGEST_QUERY]))
        self.patterns = [pattern(word) for word in words]
        self.all = set(range(len(self.patterns)))

    def found(self, *texts):
        """Which of the words stand in any of these texts, as a set of their numbers."""
        texts = [folded(text) for text in texts]
        return {n for n, word in enumerate(self.patterns) if any(map(word.search, texts))}

    def spans(self, text):
        """(start, end) of each marked stretch of the text as it was written, in order and apart."""
        # Folding makes one sign several or none, so each folded sign remembers where it comes from.
        signs = [(sign, place) for place, written in enumerate(text) for sign in folded(written)]
        plain, places = "".join(sign for sign, _ in signs), [place for _, place in signs]
        matches = sorted(match.span() for word in self.patterns for match in word.finditer(plain))
        done = 0
        for first, last in matches:
            after = places[last] if last < len(places) else len(text)
            start, end = max(done, places[first]), max(after, places[last - 1] + 1)
            if end > start:
                yield start, end
                done = end

    def marked(self, text):
        """The text in pieces: [(is a match, piece)]."""
        pieces, done = [], 0
        for start, end in self.spans(text):
            pieces += [(False, text[done:start]), (True, text[start:end])]
            done = end
        return [piece for piece in [*pieces, (False, text[done:])] if piece[1]]

    def excerpt(self, text):
        """The pieces of a text around its first match, cut at spaces."""
        first = next(self.spans(text), (0, 0))[0]
        start = text.find(" ", first - AROUND, first) + 1 if first > AROUND else 0
        cut = text[start or max(0, first - AROUND) :]
        end = cut.rfind(" ", AROUND, 3 * AROUND) if len(cut) > 3 * AROUND else len(cut)
        kept = cut[: end if end > 0 else 3 * AROUND]
        dots = (len(cut) < len(text), len(kept) < len(cut))
        return self.marked(f"{'… ' if dots[0] else ''}{kept}{' …' if dots[1] else ''}")


def prose(markdown):
    """Markdown as plain words."""
    return " ".join(MARKDOWN_SIGNS.sub("", LINK.sub(r"\1", markdown)).split())


@dataclass
class Hit:
    """A row that was found. Texts are in pieces, as `Marker.marked` cuts them."""

    row: Any
    name: list
    name_zh: list
    # The other name that matched, where the words are not all in the first two.
    also: list
    # The best of what is told about it, and where that stands.
    text: list
    address: str


def hit(row, marker):
    name, name_zh = (row.title, "") if isinstance(row, Source) else (row.name, row.name_zh)
    missing = marker.all - marker.found(name, name_zh)
    others = (other for other in getattr(row, "names", ()) if other != name_zh)
    also = next((other for other in others if marker.found(other) & missing), "")
    missing -= marker.found(also)
    anchor, text = max(texts_of(row), key=lambda told: len(marker.found(told[1]) & missing))
    address = row.get_absolute_url() + anchor
    return Hit(row, *map(marker.marked, (name, name_zh, also)), marker.excerpt(text), address)


def texts_of(row):
    """What is told about a row, as (anchor on its page, text), its summary or the like first."""
    told = [("", prose(getattr(row, name, ""))) for name in ("publisher", *TEXTS, "ticker")]
    told += [
        (f"#{item.reference}", " · ".join(filter(None, (item.label, item.words, item.actor, item.note))))
        for item in statements_of(row)
    ]
    return [place for place in told if place[1]] or [("", "")]
