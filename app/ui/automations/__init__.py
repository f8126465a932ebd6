"""Automations: rules that act by themselves, what they did, and the system's schedule."""
