"""What templates say often: Markdown, Chinese marked as such, seals, addresses. None of it queries."""

import json
import re

import nh3
from django import template
from django.utils.encoding import iri_to_uri
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from ecosystem import addresses

register = template.Library()

CJK = re.compile(r"[\u2e80-\u2fdf\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]+")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "code", "pre", "blockquote", "hr", "br"}
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}}
# How many colours the style sheet has for sectors.
TINTS = 8
SCHEMES = {"http", "https", "mailto"}


def mark_chinese(html):
    """Wrap runs of Chinese in escaped text in `lang=zh-Hans`: software then speaks and sets it right."""

    def wrap(match):
        run = match.group()
        return f'<span lang="zh-Hans">{run}</span>' if HAN.search(run) else run

    return CJK.sub(wrap, html)


@register.filter(is_safe=True)
def zh(text):
    """Escape text and mark the Chinese in it."""
    return mark_safe(mark_chinese(conditional_escape(text)))  # noqa: S308  # nosec B308 B703 -- escaped just before


@register.filter
def markdown(text):
    """Turn editors' Markdown into HTML: no raw HTML, no images, web and mail links only."""
    html = nh3.clean(
        MARKDOWN.render(text),
        tags=TAGS | TABLE_TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )
    parts = re.split(r"(<[^>]*>)", html)
    return mark_safe("".join(part if part.startswith("<") else mark_chinese(part) for part in parts))  # noqa: S308  # nosec B308 B703 -- cleaned


@register.filter
def absolute(path):
    return addresses.absolute(iri_to_uri(path))


@register.filter
def readable(date):
    """A partial date in words; nothing for one that is not known."""
    return date.readable if date else ""


@register.simple_tag
def linked_data(blocks):
    """JSON-LD in data blocks, which no browser runs. `<` is escaped, so that no text can end the block."""
    escaped = (json.dumps(block, ensure_ascii=False).replace("<", "\\u003c") for block in blocks or ())
    rows = ((mark_safe(block),) for block in escaped)  # noqa: S308  # nosec B308 B703 -- cannot end the script
    return format_html_join("\n", '<script type="application/ld+json">{}</script>', rows)


@register.filter
def tint(sector):
    """The class of a sector's colour. Rows are numbered once, so that a colour stays where it is."""
    return f"tint-{sector.pk % TINTS}" if sector else "tint-none"


def first_sector(record):
    """The first of a record's sectors by name, where they are loaded already; else None."""
    if "sectors" in getattr(record, "_prefetched_objects_cache", vars(record)):
        return next(iter(record.sectors.all()), None)
    return None


@register.simple_tag
def seal(record):
    """A record's monogram: the first Chinese character of its name, else its first letter."""
    han = HAN.search(record.name_zh or record.name)
    letter = han.group() if han else next((sign for sign in record.name if sign.isalnum()), "·").upper()
    language = format_html(' lang="{}"', "zh-Hans") if han else ""
    classes = f"seal {tint(first_sector(record))}"
    return format_html('<span class="{}" aria-hidden="true"{}>{}</span>', classes, language, letter)


@register.inclusion_tag("ecosystem/_status.html")
def status(statement):
    """The status of a statement: a word, and a shape for the eye."""
    return {"status": statement.status, "word": statement.get_status_display()}


@register.inclusion_tag("ecosystem/_heading.html")
def heading(listing, words, *sorts):
    """The head of a column of a list's table: a link to another of the orders that belong to it."""
    current = listing.filterset.current_sort
    other = next((sort for sort in sorts if sort != current), None)
    return {
        "words": words,
        "address": other and listing.address_sorted(other),
        "order": current in sorts and ("descending" if current.startswith("-") else "ascending"),
    }


@register.inclusion_tag("ecosystem/_marks.html")
def marks(cited):
    """Links from a sentence to the numbered sources at the end of the page."""
    return {"cited": cited}
