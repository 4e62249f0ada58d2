"""What templates repeat so often that loops of theirs would take most of a page. None of it queries."""

from html import escape

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from ecosystem.templatetags.portal import zh

register = template.Library()
NUMBERS = (int, float, SafeString)

BAR = '<rect class="bar" x="{}%" y="{}" width="{}%" height="{}"/>'
NAME = '<text x="{}%" y="168" text-anchor="middle">{}</text>'
LINE = '<text x="0" y="{}">{}</text><rect class="bar" x="{}%" y="{}" width="{}%" height="{}"/>'
LINE += '<text x="{}%" y="{}">{}</text>\n'
OPTION = '<label class="depth-{}"><input type="checkbox" name="{}" value="{}"{}> <span>{}</span>'
OPTION += ' <span class="count">{}</span></label>'
CHECKED = " checked"
NUMBER = '<tr><th scope="row">{}</th><td>{}</td></tr>'


def joined(pattern, rows):
    """As format_html_join, which spends ten times as long on finding out that a number is no text."""
    cells = ((cell if type(cell) in NUMBERS else escape(str(cell)) for cell in row) for row in rows)
    # Escaped just before.
    return mark_safe("".join(pattern.format(*row) for row in cells))  # noqa: S308  # nosec B308 B703


@register.simple_tag
def cards(listing, name):
    """The cards of a page, by a template that reads the `record` alone."""
    template = get_template(name)
    found = listing.cards(lambda record: template.render({"record": record}))
    return joined("{}", ((card,) for card in found))


@register.simple_tag
def columns_of(chart):
    """The upright bars of a chart, some of them with their names."""
    bars = [(bar.x, bar.y, bar.width, bar.height) for bar in chart.bars if bar.count]
    return joined(BAR, bars) + joined(NAME, [(bar.middle, bar.label) for bar in chart.bars if bar.named])


@register.simple_tag
def lines_of(chart):
    """The lying bars of a chart, each with its name and its number."""
    return joined(
        LINE,
        (
            (
                int(bar.y) - 6,
                bar.label,
                bar.x,
                bar.y,
                bar.width,
                bar.height,
                bar.end,
                int(bar.y) + 9,
                bar.count,
            )
            for bar in chart.bars
        ),
    )


@register.simple_tag
def numbers_of(chart):
    """The rows of a chart's table."""
    return joined(NUMBER, chart.rows)


@register.simple_tag
def options_of(facet):
    """The choices of a facet, each with its count."""
    return joined(
        OPTION,
        (
            (
                option.depth,
                facet.name,
                option.value,
                CHECKED if option.selected else "",
                zh(option.label),
                option.count,
            )
            for option in facet.offered
        ),
    )
