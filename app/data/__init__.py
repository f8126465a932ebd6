"""From a dropped file to a typed, profiled and checked version; and its rows, columns and target."""
