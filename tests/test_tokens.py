"""Tokens that both databases read alike."""

import pytest

from ecosystem.tokens import LONGEST_TOKEN, code, folded, tokens


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Deep Robotics", ["deep", "robotics"]),
        ("GPT-4o模型", ["gpt", "4", "o", "模型", "型"]),
        ("Qwen2.5", ["qwen", "2", "5"]),
        ("Xi'an", ["xi", "an"]),
        ("宇树科技", ["宇树", "树科", "科技", "技"]),
        ("宇", ["宇"]),
        ("ＡＢＣ１２", ["abc", "12"]),
        ("Zürich, Ürümqi", ["zurich", "urumqi"]),
        ("カタカナ", ["カタ", "タカ", "カナ", "ナ"]),
        ("二〇二五", ["二〇", "〇二", "二五", "五"]),
        ("\U00020bb7野家", ["\U00020bb7野", "野家", "家"]),
        ("한국", ["한국"]),
        ("a ・ b", ["a", "・", "b"]),
        ("a_b\x00c🙂d", ["a", "b", "c", "d"]),
        ("\ud800x", ["x"]),
        ('" * ( ) % @ — ，。', []),
        ("", []),
    ],
)
def test_tokens_of_mixed_text(text, parts):
    assert tokens(text) == [code(folded(part)) for part in parts]


@pytest.mark.parametrize("text", ["a" * 5000, "宇" * 5000, "é" * 5000, "ﷺ" * 500, "１" * 5000])
def test_tokens_are_ascii_words_of_bounded_length(text):
    for token in tokens(text):
        assert token.isascii()
        assert token.isalnum()
        assert token[0] in "wx"
        assert len(token) <= LONGEST_TOKEN
