"""Checking gradients that people wrote in Python: their code runs in a process of its own."""
