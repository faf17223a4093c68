"""Energy: power now, energy and its cost, per part and per line, and when the peaks were."""

from app.ui.energy.missing import no_energy
from app.ui.energy.panel import by_machine, demand_card, energy_tiles, used
from app.ui.parts import page_header
from app.ui.scene import choose, question, scene, span_note

at = scene()
page_header("Energy", "Power now, energy and its cost, per part and per line, and when the peaks were.")
selection = choose(at, shifts=False)
asked = question(selection)
span_note(at, selection)
table = used(at, asked)
if table.empty:
    no_energy(at, asked)
else:
    energy_tiles(at, asked, table)
    demand_card(at, selection, asked)
    by_machine(at, selection, asked, table)
