"""Jobs: what runs in the background now, what came of it, and what is asked for by the clock."""

from app.auth.permissions import Permission
from app.ui.entry.gate import access
from app.ui.jobs.listing import job_list
from app.ui.jobs.running import cancel_chosen, running_jobs
from app.ui.jobs.schedules import schedule_list
from app.ui.parts import page_header

who = access(Permission.RUN_ANALYTICS)
page_header("Jobs", "What runs in the background now, what came of it, and what is asked for by the clock.")
running_jobs(who)
cancel_chosen(who)
job_list(who)
schedule_list(who)
