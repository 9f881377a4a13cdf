"""`python -m gradcalc_cli` is the gradcalc command, and so is the installed script."""

import sys


def main() -> None:
    """Run the command; also an interrupt while it is still being imported ends quietly."""
    try:
        from gradcalc_cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
