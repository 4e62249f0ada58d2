"""Two texts told apart word by word."""

import re
from difflib import SequenceMatcher

# Words, each with the space behind it; of Chinese each character.
WORD = re.compile(r"[\u3400-\u9fff]\s*|[^\s\u3400-\u9fff]+\s*|\s+")
# Of one text times those of the other: more would take seconds to compare.
MOST_PAIRS = 1_000_000


def told_apart(before, after):
    """Both texts, each as [(whether the other one lacks it, words)]."""
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        return [(True, before)], [(True, after)]
    steps = SequenceMatcher(None, old, new).get_opcodes()
    return (
        [(step != "equal", "".join(old[start:end])) for step, start, end, _, _ in steps if start < end],
        [(step != "equal", "".join(new[start:end])) for step, _, _, start, end in steps if start < end],
    )
