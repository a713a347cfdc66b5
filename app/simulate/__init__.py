"""Simulatability studies that a command or a page asks for."""
