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
    Page("live_board", "Live board", ":material/tv:", "Plant", Permission.SEE_PLANT),
    Page("machine", "Machine", ":material/precision_manufacturing:", "Plant", Permission.SEE_PLANT),
    Page("timeline", "Timeline", ":material/view_timeline:", "Plant", Permission.SEE_PLANT),
    Page("oee", "OEE & losses", ":material/speed:", "Plant", Permission.SEE_PLANT),
    Page("downtime", "Downtime", ":material/timer_off:", "Plant", Permission.SEE_PLANT),
    Page("kpis", "KPIs", ":material/query_stats:", "Plant", Permission.SEE_PLANT),
    Page("spc", "SPC", ":material/monitoring:", "Plant", Permission.SEE_PLANT),
    Page("energy", "Energy", ":material/bolt:", "Plant", Permission.SEE_PLANT),
    Page("productivity", "Productivity", ":material/groups:", "Plant", Permission.SEE_PLANT),
    Page("alerts", "Alerts", ":material/notifications:", "Plant", Permission.SEE_PLANT),
    Page("alert_load", "Alert load", ":material/stacked_bar_chart:", "Plant", Permission.SEE_PLANT),
    Page("operator", "My machine", ":material/tablet_mac:", "Production", Permission.SEE_PLANT),
    Page("lathes", "Lathes", ":material/compare_arrows:", "Production", Permission.SEE_PLANT),
    Page("production_jobs", "Production jobs", ":material/assignment:", "Production", Permission.SEE_PLANT),
    Page("tools", "Tools", ":material/handyman:", "Production", Permission.SEE_PLANT),
    Page("maintenance", "Maintenance", ":material/build:", "Production", Permission.SEE_PLANT),
    Page("records", "Shift records", ":material/edit_note:", "Production", Permission.SEE_PLANT),
    Page("simulator", "Simulator", ":material/model_training:", "Production", Permission.SEE_PLANT),
    Page("handover", "Shift hand-over", ":material/handshake:", "Production", Permission.SEE_PLANT),
    Page("insights", "Insights", ":material/lightbulb:", "Analytics", Permission.SEE_PLANT),
    Page("anomalies", "Anomalies", ":material/troubleshoot:", "Analytics", Permission.SEE_PLANT),
    Page("failure_risk", "Failure risk", ":material/shield:", "Analytics", Permission.SEE_PLANT),
    Page("forecasts", "Forecasts", ":material/trending_up:", "Analytics", Permission.SEE_PLANT),
    Page("models", "Models", ":material/network_intelligence:", "Analytics", Permission.RUN_ANALYTICS),
    Page("reports", "Reports", ":material/summarize:", "Analytics", Permission.GENERATE_REPORTS),
    Page("jobs", "Jobs", ":material/pending_actions:", "Analytics", Permission.RUN_ANALYTICS),
    Page("machines", "Machines", ":material/factory:", "Set-up", Permission.SEE_PLANT),
    Page("calendar", "Shifts & calendar", ":material/calendar_month:", "Set-up", Permission.SEE_PLANT),
    Page("rules", "Rules", ":material/rule:", "Set-up", Permission.CREATE_RULES),
    Page("imports", "Import", ":material/upload_file:", "Set-up", Permission.IMPORT_DATA),
    Page("sources", "Sources", ":material/database:", "Set-up", Permission.MANAGE_SOURCES),
    Page("documents", "Documents", ":material/description:", "Set-up", Permission.SEE_PLANT),
    Page("ingest", "Ingest", ":material/sensors:", "Set-up", Permission.MANAGE_MACHINES),
    Page("users", "Users & roles", ":material/group:", "Administration", Permission.MANAGE_USERS),
    Page("factories", "Factories", ":material/domain:", "Administration", Permission.MANAGE_FACTORIES),
    Page("audit", "Audit", ":material/policy:", "Administration", Permission.SEE_AUDIT),
    Page("status", "Health", ":material/monitor_heart:", "Administration", Permission.SEE_HEALTH),
    Page("notifications", "Notifications", ":material/campaign:", "Me", Permission.SEE_PLANT),
    Page("account", "My account", ":material/account_circle:", "Me", Permission.SEE_PLANT),
)


def permitted(permissions: frozenset[Permission]) -> tuple[Page, ...]:
    """The pages that somebody with these permissions sees, in order."""
    return tuple(page for page in PAGES if page.permission in permissions)
