"""Production jobs: what runs on which machine, what waits, and what came of it."""

from app.ui.parts import page_header
from app.ui.scene import scene
from app.ui.shop.job_list import job_table, job_tiles

at = scene()
page_header("Production jobs", "What runs on which machine, what waits, and what came of it.")
job_tiles(at)
job_table(at)
