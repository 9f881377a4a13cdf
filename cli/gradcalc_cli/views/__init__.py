"""One view a file: a record goes in, text comes out, and nothing else happens."""
