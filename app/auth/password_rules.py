"""Which passwords are accepted: long ones that nobody guesses first (OWASP ASVS 5.0, 6.2); no composition."""

import re
from typing import Final

from analytics.errors import InvalidInput

SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 5
LEAST_OWN: Final = 8
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop",
    "01234567890123456789", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
)  # fmt: skip
_WORDS: Final = (
    "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "letmein", "welcome", "iloveyou", "monkey",
    "dragon", "sunshine", "princess", "football", "baseball", "superman", "batman", "trustno1", "master",
    "shadow", "michael", "charlie", "administrator", "admin", "root", "test", "guest", "default", "changeme",
    "secret", "login", "summer", "winter", "spring", "autumn", "factory", "machine", "operator", "manager",
    "engineer", "company", "gemba", "hello", "computer", "internet", "whatever", "starwars", "pokemon",
    "freedom", "qwerty", "qwertz", "azerty", "abc123", "111111", "000000", "correct horse battery staple",
    "correcthorsebatterystaple", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "monday", "sunday", "liverpool", "chelsea", "arsenal",
    "hunter2", "access", "mustang", "jordan", "killer", "ninja", "flower", "cheese", "purple", "samsung",
)  # fmt: skip


def refuse_weak(password: str, *, email: str = "", name: str = "", field: str = "password") -> None:
    """Raise InvalidInput that says what is wrong with a new password; every character is allowed."""
    problem = _problem(password, (email, *re.split(r"[@.\W_]+", email), *name.split()))
    if problem:
        raise InvalidInput.at(field, problem)


def _problem(password: str, about: tuple[str, ...]) -> str:
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few unrelated words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    left = password.lower()
    if len(set(left)) < FEWEST_DIFFERENT:
        return "This repeats a few characters only; use a few unrelated words."
    for word in sorted({*_WORDS, *(w.lower() for w in about if len(w) >= 3)}, key=len, reverse=True):
        left = left.replace(word, "")
    own = re.sub(r"[\W\d_]{1,4}$", "", _without_rows(left))
    if len(_once(own)) < LEAST_OWN:
        return "This is guessed soon; use a few words that nobody connects with you."
    return ""


def _without_rows(text: str) -> str:
    """The text without runs of four or more along the alphabet, the digits or a keyboard's row."""
    for row in _ROWS:
        for line in (row, row[::-1]):
            for length in range(len(line), 3, -1):
                for first in range(len(line) - length + 1):
                    text = text.replace(line[first : first + length], "")
    return text


def _once(text: str) -> str:
    """The unit that a text repeats, or the text: "abcabcabc" is "abc"."""
    for length in range(1, len(text) // 2 + 1):
        unit = text[:length]
        if unit * (len(text) // length) + unit[: len(text) % length] == text:
            return unit
    return text
