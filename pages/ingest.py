"""Ingest: what machines send now, what was refused and why, and machines that nobody has listed."""

from app.auth.permissions import Permission
from app.ui.entry.gate import access
from app.ui.ingest.gateway import gateway_part
from app.ui.ingest.late import late_list
from app.ui.ingest.quarantine import quarantine_list
from app.ui.ingest.refusals import refusal_list
from app.ui.ingest.senders import sender_list
from app.ui.ingest.stream import connection_tiles
from app.ui.parts import page_header

who = access(Permission.MANAGE_MACHINES)
page_header(
    "Ingest", "What the machines send now, what was refused and why, and who sends without being listed."
)
connection_tiles(who)
sender_list(who)
quarantine_list(who)
refusal_list(who)
late_list(who)
gateway_part()
