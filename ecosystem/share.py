"""The picture that a shared link shows: name, sentence and figures on paper, 1200 × 630 px, drawn here."""

import io
import textwrap

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
PAPER, INK, MUTED, VERMILION = "#fbfaf6", "#1b2225", "#5b6468", "#b13a27"
MARGIN = 80


def font(size):
    """The configured font, else the one that Pillow brings, which has Latin letters only."""
    if settings.SHARE_FONT:
        return ImageFont.truetype(settings.SHARE_FONT, size)
    return ImageFont.load_default(size)


def drawable(text):
    """Text without the signs that the font at hand would show as boxes."""
    return text if settings.SHARE_FONT else "".join(sign for sign in text if ord(sign) < 0x2E80).strip()


def lines(text, width, most):
    wrapped = textwrap.wrap(drawable(text), width)
    return wrapped if len(wrapped) <= most else [*wrapped[: most - 1], f"{wrapped[most - 1]} …"]


def share_image(name, sentence, footer):
    """Draw the picture. Returns the bytes of a PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 14), fill=VERMILION)
    y = MARGIN
    for line in lines(name, 30, 2):
        draw.text((MARGIN, y), line, font=font(76), fill=INK)
        y += 92
    y += 18
    for line in lines(sentence, 58, 4):
        draw.text((MARGIN, y), line, font=font(38), fill=INK)
        y += 54
    draw.line((MARGIN, 520, SIZE[0] - MARGIN, 520), fill="#dedbd1", width=2)
    draw.text((MARGIN, 545), drawable(settings.SITE_NAME), font=font(34), fill=VERMILION)
    draw.text((SIZE[0] - MARGIN, 548), footer, font=font(30), fill=MUTED, anchor="ra")
    output = io.BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()
