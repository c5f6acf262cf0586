"""How many words a text has, as people count them: one rule for every page and every script."""

import re

# Han, kana, Bopomofo: each sign is counted, as word processors do.
_SIGNS = (
    "\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
# Thai, Lao, Burmese, Khmer: no spaces between words, which have some five characters each.
_RUNS = "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_PIECE = re.compile(f"[{_SIGNS}]|[{_RUNS}]{{1,5}}|[^\\s{_SIGNS}{_RUNS}]+")


def count_words(text: str) -> int:
    """Return the number of words: what spaces keep apart and has a letter or a digit in it.

    In scripts that leave no spaces between words every Chinese or Japanese sign counts, and
    every five characters of Thai, Lao, Burmese or Khmer.
    """
    if text.isascii():
        return sum(any(map(str.isalnum, piece)) for piece in text.split())
    return sum(any(map(str.isalnum, piece)) for piece in _PIECE.findall(text))
