"""One way to page, sort and filter every list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from analytics.errors import InvalidInput
from app.api.values import Short

Row = TypeVar("Row")
Item = TypeVar("Item")


class Listed(BaseModel, Generic[Item]):
    """One page of a list."""

    data: list[Item]
    total: int = Field(description="How many there are on all pages.", examples=[1])
    page: int = Field(examples=[1])
    per_page: int = Field(examples=[20])


class Page(BaseModel):
    """Which page, in which order."""

    page: int
    per_page: int
    sort: str | None

    @property
    def start(self) -> int:
        """How many rows lie before the page."""
        return (self.page - 1) * self.per_page

    def order(self, allowed: Iterable[str], default: str) -> tuple[str, bool]:
        """The field to sort by and whether descending. Raises InvalidInput for one that is not allowed."""
        wanted = self.sort or default
        name = wanted.removeprefix("-")
        if name not in set(allowed):
            raise InvalidInput.at("sort", f"Sort by one of {', '.join(sorted(allowed))}; '-' turns it round.")
        return name, wanted.startswith("-")


async def _page(
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Page number.")] = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page.")] = 20,
    sort: Annotated[
        str | None, Query(max_length=60, description="Field to sort by; a leading '-' turns it round.")
    ] = None,
) -> Page:
    return Page.model_construct(page=page, per_page=per_page, sort=sort)


async def _wide_page(
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Page number.")] = 1,
    per_page: Annotated[int, Query(ge=1, le=1_000, description="Items per page.")] = 100,
    sort: Annotated[
        str | None, Query(max_length=60, description="Field to sort by; a leading '-' turns it round.")
    ] = None,
) -> Page:
    return Page.model_construct(page=page, per_page=per_page, sort=sort)


Paging = Annotated[Page, Depends(_page)]
WidePaging = Annotated[Page, Depends(_wide_page)]
"""For lists of many small rows."""
Machines = Annotated[list[Short], Query(max_length=200, description="Only of these device keys.")]
Search = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Words to look for.")]


def one_page(
    rows: Sequence[Row],
    page: Page,
    keys: Mapping[str, Callable[[Row], Any]],
    default: str,
    show: Callable[[Row], Any],
) -> dict[str, Any]:
    """A page of rows that are all at hand: sorted (rows without a value last), cut, shown."""
    name, descending = page.order(keys, default)
    values = list(map(keys[name], rows))
    places = [place for place, value in enumerate(values) if value is not None]
    places.sort(key=values.__getitem__, reverse=descending)
    if len(places) < len(values):
        places += [place for place, value in enumerate(values) if value is None]
    ordered = [rows[place] for place in places]
    chosen = ordered[page.start : page.start + page.per_page]
    return as_page([show(row) for row in chosen], len(rows), page)


def as_page(data: list[Any], total: int, page: Page) -> dict[str, Any]:
    """The envelope of a list."""
    return {"data": data, "total": total, "page": page.page, "per_page": page.per_page}


def has_words(search: str | None, *texts: str) -> bool:
    """Whether every word occurs in one of the texts, whatever the case."""
    if not search:
        return True
    words = search.casefold().split()
    return all(any(word in text.casefold() for text in texts) for word in words)
