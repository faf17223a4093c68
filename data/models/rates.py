"""What the plant's time and energy are worth, and whose holidays it keeps."""

from sqlalchemy import Double, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Versioned


class PlantSetting(FactoryScoped, Versioned, Base, kw_only=True):
    """One row per factory. Money is in the factory's currency; country and region as ISO 3166 codes."""

    __tablename__ = "plant_setting"
    __table_args__ = (UniqueConstraint("factory_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    hour_rate: Mapped[float | None] = mapped_column(Double, default=None)
    energy_price: Mapped[float | None] = mapped_column(Double, default=None)
    holiday_country: Mapped[str] = mapped_column(String(2), default="")
    holiday_region: Mapped[str] = mapped_column(String(10), default="")
