"""What permissions and roles are called."""

from typing import Final

from app.auth.permissions import ROLE_LABELS, Permission
from app.people.roles import Role

MEANINGS: Final[dict[Permission, str]] = {
    Permission.SEE_PLANT: "See figures, machines and records",
    Permission.SEE_NAMED_PEOPLE: "See who did what, by name",
    Permission.ENTER_PRODUCTION: "Enter shift records, classify stops, work on orders, jobs and tools",
    Permission.ACKNOWLEDGE_ALERTS: "Acknowledge, shelve and resolve alerts",
    Permission.SEND_DATA: "Send states, counts and measured values",
    Permission.IMPORT_DATA: "Import files",
    Permission.MANAGE_SOURCES: "Connect the plant's databases",
    Permission.MANAGE_MACHINES: "Edit machines, shifts, the calendar, plans and the tool store",
    Permission.CREATE_RULES: "Make and change alert rules",
    Permission.RUN_SIMULATOR: "Start, pause, speed up and stop simulated lathes",
    Permission.RUN_ANALYTICS: "Start analytics jobs, judge anomalies, promote models",
    Permission.GENERATE_REPORTS: "Make reports",
    Permission.SEE_HEALTH: "See how stores and services do",
    Permission.SEE_AUDIT: "Read and verify the audit log",
    Permission.MANAGE_USERS: "Invite people, change roles, deactivate accounts",
    Permission.MANAGE_KEYS: "Make, rotate and revoke API keys",
    Permission.MANAGE_NOTIFICATIONS: "Choose where the factory's notifications go, see all of them",
    Permission.MANAGE_FACTORIES: "Add factories to the installation",
}


def meaning(permission: str) -> str:
    """What a permission allows, in words; its name where it is newer than the words."""
    try:
        return MEANINGS[Permission(permission)]
    except (ValueError, KeyError):
        return permission


def role_name(key: str, roles: list[Role]) -> str:
    """A role as people read it."""
    own = {role.key: role.name for role in roles}
    return own.get(key) or ROLE_LABELS.get(key, key)
