"""One line about maintenance for pages that show the whole plant."""

from app.maintenance.due import counts
from app.ui.formats import many
from app.ui.scene import Scene
from app.ui.selecting.links import address


def maintenance_words(at: Scene) -> str:
    """How many orders are overdue and due within a week, with a link; empty where none waits."""
    found = counts(at.access)
    if not found.waiting:
        return ""
    parts = [
        f":red[**{many(found.overdue, 'order')} overdue**]" if found.overdue else "",
        f"{many(found.soon, 'order')} due within a week" if found.soon else "",
        f"{many(found.waiting, 'order')} open" if not found.overdue and not found.soon else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f":material/build: Maintenance: {said} · [show]({address('maintenance', {})})"
