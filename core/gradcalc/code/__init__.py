"""Checking gradients that people wrote in Python: their code runs in a process of its own."""

DTYPES = ("float64", "float32", "bfloat16")  # in float16 a check tells nothing
ALLOWED = ("mutation",)  # what --allow takes: writing into inputs and upstream gradients
