"""A log-in names its browser in words."""

import pytest

from app.ui.people.clients import client_words

OLD, WEBKIT = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{OLD} (X11; Linux x86_64) {WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{OLD} (Windows NT 10.0; Win64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"{OLD} (Linux; Android 14; K) {WEBKIT} Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{OLD} (iPad; CPU OS 17_4 like Mac OS X) Version/17.4 Safari/604.1", "Safari on iPad"),
        (f"{OLD} (Macintosh; Intel Mac OS X 14.4; rv:130.0) Gecko Firefox/130.0", "Firefox on macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(said, words):
    assert client_words(said) == words
