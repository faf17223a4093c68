"""Models: the versions that tell risks and remaining lives, how they were tested, which is trusted."""

from app.auth.permissions import Permission
from app.ui.parts import page_header
from app.ui.predict.model_list import model_list
from app.ui.predict.score_list import score_list
from app.ui.scene import scene

at = scene(Permission.RUN_ANALYTICS)
page_header(
    "Models", "The versions that tell risks and remaining lives, how they were tested, and which is trusted."
)
model_list(at)
score_list(at)
