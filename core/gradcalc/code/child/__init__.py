"""What runs beside people's own code: it loads, calls and moves it, and answers in arrays.

These modules need numpy and the standard library only, and import nothing else of gradcalc, so that they
also run in an environment where gradcalc is not installed. They work from Python 3.9 on.
"""
