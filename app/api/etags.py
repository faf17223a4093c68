"""Entity tags: the version of an object and a digest of what was said about it; both in one strong tag."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from analytics.errors import InvalidInput, VersionChanged, VersionRequired

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the object that the change is based on.",
        examples=['"3-5f8e21c07a9b4d16"'],
    ),
]


class TaggedRoute(APIRoute):
    """Adds an ETag to each JSON answer, and answers 304 where the caller has it already."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        super().__init__(path, _in_one_thread(endpoint), **given)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler with the tag around it."""
        inner = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await inner(request)
            if response.status_code not in {200, 201} or response.media_type != "application/json":
                return response
            mark = hashlib.sha256(response.body).hexdigest()[:16]
            version = getattr(request.state, "version", None)
            tag = f'"{mark}"' if version is None else f'"{version}-{mark}"'
            if request.method == "GET" and tag in _tags(request.headers.get("if-none-match", "")):
                return Response(status_code=304, headers={"ETag": tag})
            response.headers["ETag"] = tag
            return response

        return tagged


def _in_one_thread(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint in a worker thread, its answer checked on the loop: one change of thread less."""

    @wraps(endpoint)
    async def moved(**values: Any) -> Any:
        return await run_in_threadpool(endpoint, **values)

    return moved


def _tags(header: str) -> set[str]:
    """The tags of a header; a weak one is as good as a strong one when reading."""
    return {part.strip().removeprefix("W/") for part in header.split(",")}


def mark_version(request: Request, version: int) -> None:
    """Put the version of the object that is answered with into the tag."""
    request.state.version = version


def named_version(if_match: str | None) -> int | None:
    """The version that a change names; None without a header, or for `*`.

    Raises InvalidInput for a tag that is none of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"').partition("-")[0]
    if (
        not if_match.strip().startswith('"')
        or not number.isascii()
        or not number.isdigit()
        or len(number) > 9
    ):
        raise InvalidInput.at("If-Match", "Give back the ETag that came with the object, quotes included.")
    return int(number)


async def based_on(request: Request, if_match: IfMatch = None) -> int | None:
    """The version of a change to the FactoryOps contract, which may leave it out unless the settings ask."""
    if if_match is None and request.app.state.strict_updates:
        raise VersionRequired("Name the version that the change is based on: If-Match with its ETag.")
    return named_version(if_match)


async def surely_based_on(if_match: IfMatch = None) -> int:
    """The version that a change is based on; it must be named."""
    if if_match is None or if_match.strip() == "*":
        raise VersionRequired("Name the version that the change is based on: If-Match with its ETag.")
    version = named_version(if_match)
    assert version is not None  # noqa: S101 - the two cases without one were refused above
    return version


def require_version(wanted: int | None, present: int) -> int:
    """The version to change; raises VersionChanged when it is not the one that the caller has seen."""
    if wanted is not None and wanted != present:
        raise VersionChanged("Somebody else changed this in the meantime. Read it again, then change it.")
    return present


BasedOn = Annotated[int | None, Depends(based_on)]
SurelyBasedOn = Annotated[int, Depends(surely_based_on)]
