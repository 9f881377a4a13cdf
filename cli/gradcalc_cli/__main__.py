"""`python -m gradcalc_cli` is the gradcalc command."""

from gradcalc_cli.app import main

if __name__ == "__main__":
    main()
