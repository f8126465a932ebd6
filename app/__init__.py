"""Modelyard: the whole life of a model in one window."""

__version__ = "0.1.0"
