"""Reports: made of what the pages show, as PDF, Excel, CSV or JSON; now, or by the clock and by mail."""

from app.auth.permissions import Permission
from app.ui.parts import page_header
from app.ui.reports.listing import report_list
from app.ui.reports.logo import logo_part
from app.ui.reports.running import making
from app.ui.reports.schedules import schedule_list
from app.ui.scene import scene

at = scene(Permission.GENERATE_REPORTS)
page_header("Reports", "What the pages show, on paper or as a file: now, or by the clock and by mail.")
making(at.access)
report_list(at)
schedule_list(at)
logo_part(at.access)
