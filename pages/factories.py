"""Factories: every plant of the installation."""

from app.auth.permissions import Permission
from app.ui.entry.gate import access
from app.ui.parts import page_header
from app.ui.people.factories import factory_list

who = access(Permission.MANAGE_FACTORIES)
page_header(
    "Factories", "Each is a world of its own: nobody sees another one's data without belonging to it."
)
factory_list(who)
