"""Sources: databases that the plant already has, read where they are."""

from app.auth.permissions import Permission
from app.ui.entry.gate import access
from app.ui.parts import page_header
from app.ui.sources.editing import source_form
from app.ui.sources.form import current
from app.ui.sources.listing import source_list

who = access(Permission.MANAGE_SOURCES)
page_header("Sources", "The databases that the plant already has: read where they are, never written.")
form = current()
if form is None:
    source_list(who)
else:
    source_form(who, form)
