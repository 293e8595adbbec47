"""URLs are reduced to host and path template."""

from __future__ import annotations

import pytest

from raw_loaders.coze_studio.urls import reduce_url


@pytest.mark.parametrize(
    ("text", "reduced"),
    [
        (
            "https://www.example.com/space/123/bot/456?from=explore#top",
            "www.example.com/space/:id/bot/:id",
        ),
        ("https://ann:secret@Example.com:8443/docs/welcome", "example.com/docs/welcome"),
        ("//example.com/a", "example.com/a"),
        ("/space/123/develop", "/space/:id/develop"),
        ("/user/alice/profile", "/user/:id/profile"),
        ("/search/how-to-fire-bob", "/search/:id"),
        ("/space/personal", "/space/:id"),
        ("/docs/guides/get-started", "/docs/guides/get-started"),
        ("/api/v2/list", "/api/v2/list"),
        ("/%E5%BC%A0%E4%B8%89", "/:id"),
        ("/张三", "/:id"),
        ("/a@b.example", "/:id"),
        ("www.example.com", "www.example.com"),
        ("localhost:8080/bot/1", "localhost/bot/:id"),
        ("explore", "explore"),
        ("mailto:ann@example.com", "mailto:"),
        ("javascript:alert(1)", "javascript:"),
        ("file:///home/ann/secret", "file:"),
        ("https://bad host/x", ":host/x"),
        ("", ""),
        ("?q=secret", ""),
        ("/" + "a/" * 40, "/a" * 12),
    ],
)
def test_urls_keep_host_and_path_template_only(text: str, reduced: str) -> None:
    assert reduce_url(text) == reduced
