"""How texts become tokens, in English and Chinese, on SQLite and PostgreSQL alike.

Neither database cuts Chinese into words, so tokens are made here. A run of Chinese becomes its overlapping
pairs of characters and its last character: two characters or more are then found as a phrase of pairs, which
is an exact substring, and one character as a prefix. Letters and digits part, so that “qwen 2.5” is found in
“Qwen2.5”. Every token is plain ASCII that starts with a letter, so that no locale, stemmer or parser of a
database can see it differently.
"""

import re
import unicodedata

# Signs of scripts without spaces between words: Chinese, its iteration mark and zero, and kana.
HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Other words hold together over one sign: “GPT-4o”, “2.5”, “Xi'an”, “13,552”.
LETTERS = rf"[^\W_{HAN}]+"
WORD = re.compile(rf"[{HAN}]+|{LETTERS}(?:(?:[.'’_‐-]|(?<=\d),(?=\d)){LETTERS})*")
IS_HAN = re.compile(rf"[{HAN}]")
PART = re.compile(r"\d+|[^\W\d_]+")
# PostgreSQL refuses words of 2 KiB.
LONGEST_TOKEN = 60


def folded(text):
    """Lower case, full-width signs narrowed, accents off: what a reader types without a second thought."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def code(part):
    """A token in ASCII: `w` before Latin letters and digits, the code points of anything else behind `x`."""
    token = f"w{part}" if part.isascii() else "x" + "".join(f"{ord(sign):05x}" for sign in part)
    return token[:LONGEST_TOKEN]


def phrases(text):
    """Yield (tokens, tail) for each word: the tokens to look for, and what the index holds behind them."""
    for run in WORD.findall(folded(text)):
        if IS_HAN.match(run) and len(run) > 1:
            yield [code(run[start : start + 2]) for start in range(len(run) - 1)], [code(run[-1])]
        elif IS_HAN.match(run):
            yield [code(run)], []
        else:
            yield [code(part) for part in PART.findall(run)], []


def tokens(text):
    """The tokens of a text, in order."""
    return [token for phrase, tail in phrases(text) for token in (*phrase, *tail)]
