"""What lists and files show of each row: made once, and again only where a commit touched what it tells."""

from ecosystem.plain import blocks

# Some ten megabytes of a process each.
MOST_CARDS, MOST_LINES = 5000, 20_000
CHUNK = 500


class Kept(dict):
    """What was made of rows, by their keys; all goes where there would be more than `most`."""

    def __init__(self, most, kept=()):
        super().__init__(kept)
        self.most = most

    def told(self, keys, make):
        """What is kept of the rows in this order, and {key: value} of the missing ones from `make(keys)`."""
        found = {key: value for key in keys if (value := self.get(key)) is not None}
        if missing := [key for key in keys if key not in found]:
            fresh = make(missing)
            if len(self) + len(fresh) > self.most:
                self.clear()
            self.update(fresh)
            found |= fresh
        return [found[key] for key in keys if key in found]

    def without(self, keys):
        # A copy at one go, for another thread may be adding to it.
        kept = Kept(self.most, self)
        for key in keys:
            kept.pop(key, None)
        return kept


class KeptRows:
    def __init__(self, cards=None, lines=None):
        self.kept_cards = Kept(MOST_CARDS) if cards is None else cards
        self.kept_lines = Kept(MOST_LINES) if lines is None else lines

    def cards(self, keys, rows, render):
        """What lists show of each row, in the order of the keys; `rows` is the queryset of them."""

        def make(missing):
            return {row.pk: render(row) for row in rows.filter(pk__in=missing).for_listing()}

        return self.kept_cards.told(keys, make)

    def lines(self, keys, read, write):
        """Yield lists of what `write(rows)` made of the rows of these keys; `read(keys)` finds new ones."""

        def make(missing):
            rows = list(read(missing))
            return dict(zip((row.pk for row in rows), write(rows), strict=True))

        for block in blocks(keys, CHUNK):
            yield self.kept_lines.told(block, make)

    def after(self, model, touched):
        """What of this is still true after a commit that touched these rows, {model name: keys}.

        Whoever touches a statement touches its record, too; any other row may be named anywhere, and lines
        also tell of sources.
        """
        name = model._meta.model_name
        own, others = touched.get(name, set()), touched.keys() - {name, "statement"}
        cards = None if others - {"source"} else self.kept_cards.without(own)
        if others or not self.kept_lines:
            return KeptRows(cards)
        return KeptRows(cards, self.kept_lines.without(own | naming(model, own)))


def naming(model, keys):
    """The keys of the rows of a model that name these rows of it, as a firm its parent."""
    ways = [field.name for field in model._meta.concrete_fields if field.related_model is model]
    found = (model._base_manager.filter(**{f"{way}__in": keys}).values_list("pk", flat=True) for way in ways)
    return {key for some in found for key in some} if keys else set()
