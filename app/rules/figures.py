"""How often each rule raised an alert."""

from sqlalchemy import func, select

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Alert


def raised_since(access: Access, start_us: int) -> dict[int, int]:
    """Alerts raised from `start_us` on, by rule id; withdrawn ones do not count."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.execute(
            select(Alert.rule_id, func.count())
            .where(Alert.raised_us >= start_us, Alert.is_withdrawn.is_(False))
            .group_by(Alert.rule_id)
        )
        return {int(rule_id): int(count) for rule_id, count in rows}
