"""The products of the plant with their ideal cycles."""

from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from analytics.errors import InvalidInput
from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import NO_NUL, Id, Key, Message, Name, Strict
from app.production.masters.products import (
    LONGEST_CYCLE_S,
    LONGEST_UNIT,
    ProductDraft,
    StoredProduct,
    delete_product,
    one_product,
    products,
    save_product,
)

router = APIRouter(prefix="/products", tags=["products"], route_class=TaggedRoute, responses=LOGGED_IN)
GIVEN: Final[dict[str, Any]] = {
    "key": "bar-20", "name": "Round bar 20 mm", "unit": "pcs",
    "cycles": [{"machine": "M01", "cycle_s": 12.5}], "is_active": True,
}  # fmt: skip
Seconds = Annotated[float, Field(gt=0, le=LONGEST_CYCLE_S, description="Seconds per unit.")]


class Cycle(Strict):
    """The ideal cycle of a product on one machine."""

    model_config = ConfigDict(json_schema_extra={"examples": GIVEN["cycles"]})
    machine: Key
    cycle_s: Seconds


class ProductGiven(Strict):
    """A product. Its key stays as it was first given; the cycles replace all that are stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**GIVEN, "cycles": []}]})
    key: Key
    name: Name = ""
    unit: Annotated[str, Field(min_length=1, max_length=LONGEST_UNIT, pattern=NO_NUL)] = "pcs"
    cycles: list[Cycle] = Field(default_factory=list, max_length=10_000)
    is_active: bool | None = Field(
        None, description="False: no longer offered for new jobs and records. Left out, it stays as it is."
    )


class ProductShown(BaseModel):
    """A product as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 3, **GIVEN}]})
    id: int
    key: str
    name: str
    unit: str
    cycles: list[Cycle] = Field(description="Machines without one have their own default.")
    is_active: bool


@router.get("", summary="List products", response_model=Listed[ProductShown], responses=NOT_MODIFIED)
def list_products(caller: Caller, page: Paging, search: Search = None) -> dict[str, Any]:
    """The products by key; `search` looks into key and name."""
    rows = [one for one in products(caller) if has_words(search, one.draft.key, one.draft.name)]
    keys = {"key": attrgetter("draft.key"), "name": attrgetter("draft.name", "draft.key")}
    return one_page(rows, page, keys, "key", _shown)


@router.get(
    "/{product_id}", summary="Get a product", response_model=ProductShown,
    responses={**FOUND, **NOT_MODIFIED},
)  # fmt: skip
def get_product(caller: Caller, product_id: Id, request: Request) -> dict[str, Any]:
    """One product with the ETag that a change needs."""
    return KEPT.answer(caller, product_id, request)


@router.post("", summary="Add a product", response_model=ProductShown, status_code=201, responses=CHANGING)
def add_product(caller: Caller, given: ProductGiven, request: Request) -> dict[str, Any]:
    """What a machine makes."""
    return KEPT.answer(caller, save_product(caller, _draft(given, is_active=True)), request)


@router.put(
    "/{product_id}", summary="Change a product", response_model=ProductShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def change_product(
    caller: Caller, product_id: Id, given: ProductGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace name, unit and ideal cycles; If-Match must name the version that the change is based on."""
    stored = KEPT.based_on(caller, product_id, version)
    save_product(caller, _draft(given, stored.draft.is_active), stored)
    return KEPT.answer(caller, product_id, request)


@router.delete(
    "/{product_id}", summary="Delete a product", response_model=Message, responses={**FOUND, **CHANGING}
)
def remove_product(caller: Caller, product_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Delete a product with its ideal cycles where nothing else refers to it; 409 says what does."""
    delete_product(caller, KEPT.based_on(caller, product_id, version))
    return {"message": "Product deleted"}


def _draft(given: ProductGiven, is_active: bool) -> ProductDraft:
    cycles = {one.machine: one.cycle_s for one in given.cycles}
    if len(cycles) < len(given.cycles):
        raise InvalidInput.at("cycles", "A machine is named twice.")
    is_active = is_active if given.is_active is None else given.is_active
    return ProductDraft(given.key, given.name, given.unit, cycles, is_active)


def _shown(one: StoredProduct) -> dict[str, Any]:
    draft = one.draft
    cycles = [{"machine": key, "cycle_s": value} for key, value in sorted(draft.cycles.items())]
    return {
        "id": one.id, "key": draft.key, "name": draft.name, "unit": draft.unit, "cycles": cycles,
        "is_active": draft.is_active,
    }  # fmt: skip


KEPT: Final = Kept(one_product, _shown)
