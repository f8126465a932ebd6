"""Approved models as folders that answer anywhere: built, verified, saved elsewhere."""
