"""Which privacy class a parameter of the studio gets, by the words of its name.

Applied once, when the catalogue is generated; the catalogue file says the outcome. A member of
a parameter's enum is vocabulary and always kept; its class is for values outside the enum.
"""

from __future__ import annotations

import re
from typing import Literal

# keep; hash: keyed; term: keyed hash of the folded text, and its length; url: host and path
# template; length: only the length.
StudioPrivacy = Literal["keep", "hash", "term", "url", "length"]

USER_IDS = frozenset({"author_id", "uid", "user_id", "user_unique_id", "userid", "web_id"})
USER_ID_ENDING = "_uid"
URLS = frozenset({"docs_path", "host", "page_from", "redirect_domain", "refer", "referrer"})
SEARCH_TERMS = frozenset({"search_word", "search_words", "utm_term"})
# What somebody wrote, or what may quote it.
TEXT_WORDS = frozenset(
    {
        "content",
        "cover",
        "desc",
        "description",
        "detail",
        "errdetail",
        "error",
        "extra",
        "keyword",
        "keywords",
        "log",
        "message",
        "msg",
        "name",
        "prompt",
        "props",
        "query",
        "results",
        "tag",
        "text",
        "title",
        "word",
        "words",
    }
)
# What these end in is a reference or vocabulary, whatever it is of.
PLAIN_ENDINGS = frozenset({"code", "count", "counts", "id", "ids", "status", "type", "ver"})

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def privacy_of(name: str) -> StudioPrivacy:
    """Classify a text by the name of its parameter."""
    words = [word.lower() for word in _WORD.findall(name)]
    folded = name.lower().lstrip("$")
    if folded in USER_IDS or folded.endswith(USER_ID_ENDING):
        return "hash"
    if folded in SEARCH_TERMS:
        return "term"
    if folded in URLS or "url" in words or "domain" in words:
        return "url"
    if words and words[-1] in PLAIN_ENDINGS:
        return "keep"
    return "length" if TEXT_WORDS.intersection(words) else "keep"
