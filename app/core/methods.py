"""How what is said of a model was worked out, with the source of each method: shown beside the figures and printed."""

from __future__ import annotations

SERVED = "Asked of the exported model, the one that serves."

IMPORTANCE = (
    "Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019): a column's values change places among the "
    f"hold-out rows, up to five times. The bar is the mean loss of the metric, the line its 95 % interval. {SERVED}"
)
EFFECT = (
    "Thick: partial dependence (Friedman 2001). Thin: individual conditional expectation of single rows (Goldstein and "
    f"others 2015). Each of up to 300 hold-out rows is answered with each value of the column. {SERVED}"
)
REASONS = (
    "Sampled Shapley values (Strumbelj and Kononenko 2014; antithetic orders, Mitchell and others 2022) against "
    f"hold-out rows: the amounts and the typical answer add up to the answer. {SERVED}"
)
WORDS = (
    "Words by erasure (Li, Monroe and Jurafsky 2016): how much lower the answer is without the word. They need not add "
    "up."
)
NEAREST = "Similar rows by Gower's distance (1971): 0 is the same, 1 as far as can be."
WEAK_SPOTS = (
    "The mean loss of each group against all other hold-out rows: one-sided Welch tests (1947), held at 5 % for all "
    "groups together by Holm's method (1979). Groups of several conditions were found by a tree of depth 3 in one half "
    f"of the rows and judged on the other (Athey and Imbens 2016). {SERVED}"
)
FAIRNESS = (
    "Rates by group (Hardt, Price and Srebro 2016), with differences and ratios to the largest group; percentile "
    f"intervals of one bootstrap for all (Efron and Tibshirani 1993). {SERVED}"
)
DIFFERENCE = (
    "Paired percentile bootstrap (Efron and Tibshirani 1993): both are measured on the same rows, drawn again and "
    "again; an interval without zero is a real difference."
)
RULES = (
    "For comparison DuckDB ran the rules on the hold-out, as far as there was time. The folds chose the one that the "
    "verdict is about; the hold-out chose none."
)
THRESHOLD = f"Every threshold's false alarms and misses on the hold-out, times what they cost. {SERVED}"
CALIBRATION = (
    "Expected calibration error over ten groups of equal size (Naeini, Cooper and Hauskrecht 2015), beside what right "
    f"probabilities would show on so many rows. The button fits a sigmoid (Platt 1999) on unseen rows. {SERVED}"
)
