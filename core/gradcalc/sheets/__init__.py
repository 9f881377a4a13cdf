"""Sheets and classes: assignments, what students hand in, and what becomes of it."""
