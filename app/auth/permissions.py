"""Named permissions and the roles that bundle them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What somebody may do; a service names the one that it needs."""

    SEE_PLANT = "see_plant"
    SEE_NAMED_PEOPLE = "see_named_people"
    ENTER_PRODUCTION = "enter_production"
    ACKNOWLEDGE_ALERTS = "acknowledge_alerts"
    SEND_DATA = "send_data"
    IMPORT_DATA = "import_data"
    MANAGE_MACHINES = "manage_machines"
    CREATE_RULES = "create_rules"
    RUN_SIMULATOR = "run_simulator"
    RUN_ANALYTICS = "run_analytics"
    GENERATE_REPORTS = "generate_reports"
    SEE_HEALTH = "see_health"
    SEE_AUDIT = "see_audit"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_NOTIFICATIONS = "manage_notifications"
    MANAGE_FACTORIES = "manage_factories"


_EVERYONE = frozenset({Permission.SEE_PLANT})
_OPERATOR = _EVERYONE | {
    Permission.ENTER_PRODUCTION,
    Permission.ACKNOWLEDGE_ALERTS,
    Permission.RUN_SIMULATOR,
}
_ENGINEER = _OPERATOR | {
    Permission.SEND_DATA,
    Permission.IMPORT_DATA,
    Permission.MANAGE_MACHINES,
    Permission.CREATE_RULES,
    Permission.RUN_ANALYTICS,
    Permission.GENERATE_REPORTS,
    Permission.SEE_HEALTH,
}
_MANAGER = _ENGINEER | {
    Permission.SEE_NAMED_PEOPLE,
    Permission.SEE_AUDIT,
    Permission.MANAGE_NOTIFICATIONS,
}

SUPER_ADMIN: Final = "super_admin"

ROLES: Final[dict[str, frozenset[Permission]]] = {
    SUPER_ADMIN: frozenset(Permission),
    "admin": frozenset(Permission) - {Permission.MANAGE_FACTORIES},
    "manager": _MANAGER,
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

KNOWN: Final = frozenset(permission.value for permission in Permission)


def effective(bundle: Iterable[Permission], overrides: Mapping[str, bool] | None) -> frozenset[Permission]:
    """What a person may do: the role's bundle with the person's own grants and refusals over it.

    >>> sorted(effective([Permission.SEE_PLANT], {"run_analytics": True, "see_plant": False}))
    [<Permission.RUN_ANALYTICS: 'run_analytics'>]
    """
    found = set(bundle)
    for name, has in (overrides or {}).items():
        if name in KNOWN:
            (found.add if has else found.discard)(Permission(name))
    return frozenset(found)


def from_names(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions that stored names stand for; a name that is no longer known counts for nothing."""
    return frozenset(Permission(name) for name in names if name in KNOWN)


def as_flags(held: frozenset[Permission]) -> dict[str, bool]:
    """Every permission by name and whether it is held."""
    return {permission.value: permission in held for permission in Permission}
