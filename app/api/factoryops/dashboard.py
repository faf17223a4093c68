"""The figures of FactoryOps' dashboard."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.alerts.dashboard import summary
from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute

router = APIRouter(prefix="/dashboard", tags=["dashboard"], route_class=TaggedRoute, responses=LOGGED_IN)


class Summary(BaseModel):
    """The plant in nine numbers; energy is null where no machine tells its power."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total_devices": 47,
                    "active_devices": 44,
                    "offline_devices": 3,
                    "current_energy_kw": 125.7,
                    "energy_today_kwh": 1847.0,
                    "active_alerts": 27,
                    "critical_alerts": 2,
                    "high_alerts": 5,
                    "health_score": 78,
                }
            ]
        }
    )
    total_devices: int
    active_devices: int = Field(description="Heard in the last five minutes.")
    offline_devices: int
    current_energy_kw: float | None
    energy_today_kwh: float | None = Field(description="Since midnight in the factory's zone.")
    active_alerts: int
    critical_alerts: int
    high_alerts: int
    health_score: int = Field(description="100 less what alerts and silence cost, weighted; 0 to 100.")


class SummaryAnswer(BaseModel):
    """The envelope of the summary."""

    data: Summary


@router.get("/summary", summary="Dashboard summary", response_model=SummaryAnswer, responses=NOT_MODIFIED)
def dashboard_summary(caller: Caller) -> dict[str, Any]:
    """How the plant stands now."""
    return {"data": summary(caller)}
