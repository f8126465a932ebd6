"""The contract of a data set: suggested, judged, and its broken rules as findings."""
