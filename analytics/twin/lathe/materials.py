"""What is cut: specific cutting force, machinability and strength of each material, with their sources."""

from dataclasses import dataclass
from typing import Final

from analytics.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Material:
    """A material.

    `kc11` (N/mm2) is the specific cutting force at a chip of 1 mm, `mc` the exponent of chip thickness
    (Kienzle). `life_speed` is the factor on the Taylor speed constant against mild steel, `yield_mpa` the
    strength that knurling has to overcome; both are assumptions for all materials. `source` says where kc11
    and mc come from and starts with "Assumption" where no published table was at hand.
    """

    key: str
    name: str
    kc11: float
    mc: float
    life_speed: float
    yield_mpa: float
    source: str


_MITSUBISHI: Final = "Power-law fit to Mitsubishi's table of kc at feeds of 0.1 to 0.6 mm"
_ISCAR: Final = "ISCAR rotating-tool guide 2017, p. 601 (group of drilling kc); mc is an assumption"
_WOOD: Final = (
    "Assumption: 20 to 40 N/mm2 at chips near 0.3 mm and an exponent of 0.4; density alone predicts badly "
    "(Chuchala et al. 2014), kinematics matter (Orlowski and Ochrymiuk 2017)"
)

MATERIALS: Final[dict[str, Material]] = {
    one.key: one
    for one in (
        Material("mild_steel", "Mild steel", 1_988.0, 0.263, 1.0, 250.0, f"{_MITSUBISHI}, 520 MPa"),
        Material("medium_steel", "Medium steel", 2_113.0, 0.161, 0.85, 350.0, f"{_MITSUBISHI}, 620 MPa"),
        Material("hard_steel", "Hard steel", 2_379.0, 0.241, 0.65, 500.0, f"{_MITSUBISHI}, 720 MPa"),
        Material("crmo_steel", "CrMo steel", 2_244.0, 0.210, 0.70, 450.0, f"{_MITSUBISHI}, 600 MPa"),
        Material(
            "structural_steel", "Structural steel", 1_811.0, 0.162, 0.95, 235.0,
            "Power-law fit to Roehm RN-1391, St 42, feeds of 0.16 to 1.6 mm at 45 degrees",
        ),
        Material("cast_iron", "Cast iron", 1_139.0, 0.271, 0.75, 220.0, f"{_MITSUBISHI}, grey iron 200 HB"),
        Material("aluminium", "Aluminium", 700.0, 0.25, 2.5, 150.0, _ISCAR),
        Material("cast_aluminium", "Cast aluminium", 800.0, 0.25, 1.8, 140.0, _ISCAR),
        Material("brass", "Brass", 700.0, 0.25, 1.8, 200.0, _ISCAR),
        Material("softwood", "Softwood", 12.4, 0.4, 4.0, 20.0, _WOOD),
        Material("hardwood", "Hardwood", 24.7, 0.4, 3.0, 40.0, _WOOD),
        Material("wood", "Wood", 18.5, 0.4, 3.5, 30.0, _WOOD),
    )
}  # fmt: skip
"""Materials by key."""

OTHER_NAMES: Final = {"steel": "mild_steel", "aluminum": "aluminium", "iron": "cast_iron"}


def material(name: str) -> Material:
    """The material of a key or a name, in any case; raises InvalidInput that lists what is known.

    >>> material("Mild Steel").kc11, material("aluminum").key
    (1988.0, 'aluminium')
    """
    key = name.strip().casefold().replace(" ", "_").replace("-", "_")
    found = MATERIALS.get(OTHER_NAMES.get(key, key))
    if found is None:
        known = ", ".join(MATERIALS)
        raise InvalidInput.at("material", f"There is no material '{name[:60]}': use one of {known}.")
    return found
