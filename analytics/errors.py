"""The one error tree of all rooms: a page shows `str(error)` on a card, the API puts it in its error body.

It lives in the lowest room because every room raises from it and rooms import downwards only.
"""

from dataclasses import dataclass


class GembaError(Exception):
    """Anything that Gemba itself refuses or reports; its text says what is wrong and what to do."""

    code = "internal"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of an input and what is wrong with it."""

    field: str
    message: str


class InvalidInput(GembaError):
    """The input cannot be taken as it is; `problems` names each field."""

    code = "invalid_input"

    def __init__(self, *problems: FieldProblem) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidInput":
        """One problem at one field."""
        return cls(FieldProblem(field, message))


class NotFound(GembaError):
    """No such object in this factory (another factory's object is not found either)."""

    code = "not_found"


class Conflict(GembaError):
    """Somebody else changed the object first, or the key is taken."""

    code = "conflict"


class StillUsed(Conflict):
    """It cannot be deleted, because something refers to it; the text says what."""


class NotLoggedIn(GembaError):
    """There is no valid session."""

    code = "not_logged_in"


class CodeRequired(GembaError):
    """The password is right, and the account asks for the code of its second factor as well."""

    code = "code_required"


class VersionRequired(GembaError):
    """A change must name the version that it is based on."""

    code = "precondition_required"


class VersionChanged(GembaError):
    """The object has another version than the one that the change is based on."""

    code = "precondition_failed"


class Forbidden(GembaError):
    """The account has no permission for this."""

    code = "forbidden"


class Throttled(GembaError):
    """Too many attempts; the text and `retry_after_s` say when to try again."""

    code = "throttled"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class StoreUnavailable(GembaError):
    """A store cannot be reached now."""

    code = "store_unavailable"


class ConfigurationError(GembaError):
    """A setting is missing or wrong."""

    code = "configuration"


class RejectedPoints(GembaError):
    """A store refused points (NaN, infinity, a time out of range, a wrong type); none of them was stored."""

    code = "rejected_points"


class TooManyPoints(GembaError):
    """The question would return more points than the limit; ask for a shorter range or coarser buckets."""

    code = "too_many_points"


class NotEvaluable(GembaError):
    """A figure cannot be computed; the text says what is missing."""

    code = "not_evaluable"
