"""The page table: key, file, title, icon, section and the permission that it takes to open it."""

from dataclasses import dataclass
from typing import Final

from app.auth.permissions import Permission
from app.settings import ROOT


@dataclass(frozen=True, slots=True)
class Page:
    """One screen. `key` is its path in the URL; the first page of the table answers at `/`."""

    key: str
    title: str
    icon: str
    section: str
    permission: Permission

    @property
    def path(self) -> str:
        """The file that draws it."""
        return str(ROOT / "pages" / f"{self.key}.py")


PAGES: Final[tuple[Page, ...]] = (
    Page("overview", "Overview", ":material/dashboard:", "Plant", Permission.SEE_PLANT),
    Page("machine", "Machine", ":material/precision_manufacturing:", "Plant", Permission.SEE_PLANT),
    Page("oee", "OEE & losses", ":material/speed:", "Plant", Permission.SEE_PLANT),
    Page("records", "Shift records", ":material/edit_note:", "Production", Permission.SEE_PLANT),
    Page("machines", "Machines", ":material/factory:", "Set-up", Permission.SEE_PLANT),
    Page("imports", "Import", ":material/upload_file:", "Set-up", Permission.IMPORT_DATA),
    Page("users", "Users & roles", ":material/group:", "Administration", Permission.MANAGE_USERS),
    Page("factories", "Factories", ":material/domain:", "Administration", Permission.MANAGE_FACTORIES),
    Page("audit", "Audit", ":material/policy:", "Administration", Permission.SEE_AUDIT),
    Page("status", "Health", ":material/monitor_heart:", "Administration", Permission.SEE_HEALTH),
    Page("account", "My account", ":material/account_circle:", "Me", Permission.SEE_PLANT),
)


def permitted(permissions: frozenset[Permission]) -> tuple[Page, ...]:
    """The pages that somebody with these permissions sees, in order."""
    return tuple(page for page in PAGES if page.permission in permissions)
