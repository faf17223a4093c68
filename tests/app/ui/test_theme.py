"""The kept theme says what Streamlit would say."""

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from app.settings import ROOT
from app.ui.frame.theme import Kept


def test_a_kept_section_equals_one_made_anew() -> None:
    config.get_config_options(force_reparse=True)
    fill = app_session._populate_theme_msg
    kept = Kept(fill.fill if isinstance(fill, Kept) else fill)
    for section in ("theme", "theme.light", "theme.dark", "theme.light.sidebar"):
        anew = CustomThemeConfig()
        kept.fill(anew, section)
        for _ in range(2):
            found = CustomThemeConfig()
            kept(found, section)
            assert found == anew, f"{section} of {ROOT}"
    assert CustomThemeConfig() != anew
