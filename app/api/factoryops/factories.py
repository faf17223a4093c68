"""Which factories there are, for the choice before the log-in."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.api.caller import Parts
from app.api.errors import NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.people.factories import all_factories

router = APIRouter(tags=["factories"], route_class=TaggedRoute)


class FactoryName(BaseModel):
    """A factory by its names."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 1, "name": "Vietnam Precision Components", "slug": "vpc"}]}
    )
    id: int
    name: str
    slug: str


class FactoryNames(BaseModel):
    """All factories."""

    data: list[FactoryName]


@router.get("/factories", summary="List factories", response_model=FactoryNames, responses=NOT_MODIFIED)
def list_factories(gemba: Parts) -> dict[str, Any]:
    """Every factory by name; needs no log-in."""
    return {
        "data": [{"id": number, "name": name, "slug": slug} for number, name, slug in all_factories(gemba)]
    }
