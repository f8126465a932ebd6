"""Make ``churn.csv``: invented customers of an invented company, the same bytes for the same seed.

Run it as ``python make_churn.py [FILE]``. Only ``random.Random.random`` is drawn from, the one method whose
sequence Python promises to keep; everything else is arithmetic on it.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

SEED = 20240101
ROWS = 5_000
SNAPSHOT = date(2025, 1, 1)
HEADER = ("customer_id", "age", "plan", "tenure_months", "monthly_fee", "autopay", "zip", "signup", "churned")
PLANS = {"basic": (0.34, 19.0), "standard": (0.40, 45.0), "premium": (0.26, 85.0)}  # share, typical monthly fee
ZIPS = {"50667": 0.22, "01067": 0.21, "10115": 0.20, "80331": 0.19, "04109": 0.18}
FEE_MISSING = 0.04
LONGEST_TENURE_MONTHS = 72


def pick(random: Random, shares: dict[str, float]) -> str:
    """A key, as often as its share says."""
    left = random.random() * sum(shares.values())
    for key, share in shares.items():
        left -= share
        if left < 0:
            return key
    return key


def bell(random: Random) -> float:
    """About standard normal: the sum of twelve uniform numbers, less six (Irwin-Hall)."""
    return sum(random.random() for _ in range(12)) - 6.0


def churns(random: Random, age: int, plan: str, tenure_months: int, fee: float, autopay: bool, zip_code: str) -> bool:
    """Whether a customer leaves: a logistic model with one bend and one interaction."""
    logit = -0.35
    logit += 1.5 * (1 - tenure_months / 30) if tenure_months < 30 else -0.6
    logit += 0.035 * (fee - PLANS[plan][1])
    logit += {"basic": 0.4, "standard": 0.0, "premium": -0.5}[plan]
    logit += -1.0 if autopay else 0.5
    logit += 0.7 if plan == "basic" and age < 30 else -0.012 * (age - 45)
    logit += {"01067": 0.5, "80331": -0.5}.get(zip_code, 0.0)
    return random.random() < 1 / (1 + math.exp(-1.25 * logit))


def customer(random: Random, number: int) -> tuple[str, ...]:
    """One row of the table, as text."""
    age = min(85, max(18, round(45 + 15 * bell(random))))
    plan = pick(random, {name: share for name, (share, _) in PLANS.items()})
    tenure_months = int(LONGEST_TENURE_MONTHS * random.random() ** 1.6)
    fee = min(120.0, max(9.0, PLANS[plan][1] + 11 * bell(random)))
    autopay = random.random() < 0.55
    zip_code = pick(random, ZIPS)
    signup = SNAPSHOT - timedelta(days=round(30.44 * tenure_months + 30 * random.random()))
    churned = churns(random, age, plan, tenure_months, fee, autopay, zip_code)
    known = "" if random.random() < FEE_MISSING else f"{fee:.2f}"
    answer = "yes" if churned else "no"
    identity = f"C{100_000 + number}"
    return identity, str(age), plan, str(tenure_months), known, str(autopay).lower(), zip_code, str(signup), answer


def table(rows: int = ROWS, seed: int = SEED) -> bytes:
    """The whole file: UTF-8, commas, one header line, Unix line ends."""
    random = Random(seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(customer(random, number) for number in range(1, rows + 1))
    return text.getvalue().encode()


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("churn.csv")).write_bytes(table())
