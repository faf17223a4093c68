"""Named permissions and the roles that bundle them."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What somebody may do; a service names the one that it needs."""

    SEE_PLANT = "see_plant"
    ENTER_PRODUCTION = "enter_production"
    IMPORT_DATA = "import_data"
    MANAGE_MACHINES = "manage_machines"
    SEE_HEALTH = "see_health"


_EVERYONE = frozenset({Permission.SEE_PLANT})
_OPERATOR = _EVERYONE | {Permission.ENTER_PRODUCTION}
_ENGINEER = _OPERATOR | {Permission.IMPORT_DATA, Permission.MANAGE_MACHINES, Permission.SEE_HEALTH}

ROLES: Final[dict[str, frozenset[Permission]]] = {
    "super_admin": frozenset(Permission),
    "admin": frozenset(Permission),
    "manager": _ENGINEER,
    "engineer": _ENGINEER,
    "operator": _OPERATOR,
    "viewer": _EVERYONE,
}

ROLE_LABELS: Final[dict[str, str]] = {
    "super_admin": "Super administrator",
    "admin": "Administrator",
    "manager": "Manager",
    "engineer": "Engineer",
    "operator": "Operator",
    "viewer": "Viewer",
}
