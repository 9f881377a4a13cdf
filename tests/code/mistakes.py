"""The table of planted mistakes, and how every target of the corpus is called.

A checker is run on `planted_source(mistake)` in place of the file, at the setup of `FILE.py:NAME`. It should
find the gradients of `arguments` wrong and no others, and say one of `names`. Every entry of GOOD_SETUPS and
every file without a mistake is right.
"""

from __future__ import annotations

from collections.abc import Mapping

import planted_activations
import planted_batchnorm
import planted_class_layers
import planted_classes
import planted_frameworks
import planted_functions
import planted_layers
import planted_losses
import planted_networks
import planted_norms
import planted_rnn
import planted_sequences
import planted_statistics
import planted_windows
from good_setups import GOOD_SETUPS
from planting import CATALOGUE, Planted, Setup, planted_source
from setups import RIGHT_SETUPS

__all__ = [
    "CATALOGUE",
    "GOOD_SETUPS",
    "MISTAKES",
    "RIGHT_SETUPS",
    "SETUPS",
    "Planted",
    "Setup",
    "planted_source",
]

SETUPS: Mapping[str, Setup] = {**RIGHT_SETUPS, **GOOD_SETUPS}
MISTAKES: tuple[Planted, ...] = (
    planted_layers.MISTAKES
    + planted_windows.MISTAKES
    + planted_batchnorm.MISTAKES
    + planted_norms.MISTAKES
    + planted_losses.MISTAKES
    + planted_rnn.MISTAKES
    + planted_sequences.MISTAKES
    + planted_activations.MISTAKES
    + planted_classes.MISTAKES
    + planted_class_layers.MISTAKES
    + planted_networks.MISTAKES
    + planted_functions.MISTAKES
    + planted_statistics.MISTAKES
    + planted_frameworks.MISTAKES
)
