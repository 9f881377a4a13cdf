"""Which files are people's own: a project often has its libraries in a folder below it."""

from __future__ import annotations

import os
import sysconfig

GRADCALC = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
LIBRARIES = {"site-packages", "dist-packages"}


def own(file: str, home: str) -> bool:
    """Whether a file is below `home`, and neither of an installed library nor of Python or gradcalc.

    Where `home` is the folder of an installed module, that module is what is looked at.
    """
    below = os.path.join(home, "")
    if not home or not file.startswith(below) or file.startswith(GRADCALC):
        return False
    inside = file[len(below) :]
    standard = sysconfig.get_path("stdlib") + os.sep
    return LIBRARIES.isdisjoint(inside.split(os.sep)) and (
        below.startswith(standard) or not file.startswith(standard)
    )
