"""What lists and files show of each row: made once, and again only where a commit touched what it tells."""

from ecosystem.plain import blocks

# Together some ten megabytes of a process.
MOST_CARDS, MOST_LINES = 5000, 20_000
CHUNK = 500


class KeptRows:
    def __init__(self, cards=(), lines=()):
        self.kept_cards, self.kept_lines = dict(cards), dict(lines)

    def cards(self, keys, rows, render):
        """What lists show of each row, in the order of the keys; `rows` is the queryset of them."""
        found = {key: self.kept_cards[key] for key in keys if key in self.kept_cards}
        if missing := [key for key in keys if key not in found]:
            fresh = {row.pk: render(row) for row in rows.filter(pk__in=missing).for_listing()}
            if len(self.kept_cards) + len(fresh) > MOST_CARDS:
                self.kept_cards = {}
            self.kept_cards.update(fresh)
            found |= fresh
        return [found[key] for key in keys if key in found]

    def lines(self, keys, read, write):
        """Yield lists of what `write(rows)` made of the rows of these keys; `read(keys)` finds new ones."""
        for block in blocks(keys, CHUNK):
            if missing := [key for key in block if key not in self.kept_lines]:
                rows = list(read(missing))
                self.kept_lines.update(zip((row.pk for row in rows), write(rows), strict=True))
            yield [self.kept_lines[key] for key in block if key in self.kept_lines]

    def after(self, model, touched):
        """What of this is still true after a commit that touched these rows, {model name: keys}.

        Whoever touches a statement touches its record, too; any other row may be named anywhere, and lines
        also tell of sources.
        """
        name = model._meta.model_name
        own, others = touched.get(name, set()), touched.keys() - {name, "statement"}
        return KeptRows(
            {} if others - {"source"} else without(self.kept_cards, own),
            without(self.kept_lines, own | naming(model, own)) if self.kept_lines and not others else {},
        )


def without(kept, keys):
    # A copy at one go, for another thread may be adding to it.
    kept = dict(kept)
    for key in keys:
        kept.pop(key, None)
    return kept


def naming(model, keys):
    """The keys of the rows of a model that name these rows of it, as a firm its parent."""
    ways = [field.name for field in model._meta.concrete_fields if field.related_model is model]
    found = (model._base_manager.filter(**{f"{way}__in": keys}).values_list("pk", flat=True) for way in ways)
    return {key for some in found for key in some} if keys else set()
