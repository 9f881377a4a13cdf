"""Every mistake at every node planted as answers of three digits, and noise: what the finder says of them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from circuits import CIRCUITS
from planted_answers import NOISES, Planted, accused, plant

WIDTH = 44
RANDOM = 1000  # wrong answers of each kind of noise


def main() -> None:
    """A line for each circuit, one for all, and one for each kind of noise."""
    print(f"{'planted mistakes':{WIDTH}}  visible  named  alone  as the one mistake with these numbers")
    total = Planted()
    for one in CIRCUITS:
        found = plant(one.key())
        total = Planted(*map(sum, zip(total, found, strict=True)))
        line(" ".join(one.text.split()), found)
    line("all", total)
    keys = [one.key() for one in CIRCUITS]
    print(f"\n{f'{RANDOM:,} random wrong answers':{WIDTH}}  given a mistake: all wrong   one wrong")
    for name, noise in NOISES.items():
        shares = [accused(keys, noise, which, RANDOM) for which in ("all", "one")]
        print(f"{name:{WIDTH}}  {100 * shares[0]:26.1f} % {100 * shares[1]:9.1f} %")


def line(text: str, found: Planted) -> None:
    """The figures of one circuit."""
    text = text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
    shares = [100 * count / found.visible for count in (found.named, found.alone, found.single)]
    print(f"{text:{WIDTH}} {found.visible:8,} {shares[0]:6.2f} {shares[1]:6.1f} {shares[2]:6.1f}")


if __name__ == "__main__":
    main()
