"""The contract of a data set: edited in a table, judged, and its broken rules."""
