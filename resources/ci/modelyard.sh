#!/bin/sh
# Modelyard in any CI service or cron job: check the data, train and gate, look at the live model.
#
#   MODELYARD   how the command is called here          (default: modelyard)
#   PROJECT     the project's folder                    (default: project)
#   DATASET     the data set that is checked            (default: churn)
#   MODEL       the live model; empty: none yet         (default: empty)
#   SECONDS_TO_TRAIN                                    (default: 60)
#   RUN_DUE     1: do what the automations find due     (default: 0)
#
# Once, by hand: modelyard check PROJECT DATASET --accept makes what version 1 keeps the contract that is checked.
# Exit codes: 0 all well, 1 failed, 3 a gate failed, 4 data refused or a check blocks, 5 the live model needs somebody.
# Reports: reports/*.xml (JUnit, each gate and check a test case) and reports/*.json.
set -u
: "${MODELYARD:=modelyard}" "${PROJECT:=project}" "${DATASET:=churn}" "${MODEL:=}" "${SECONDS_TO_TRAIN:=60}" "${RUN_DUE:=0}"
mkdir -p reports
worst=0

step() {
    name=$1
    shift
    "$MODELYARD" "$@" --junit "reports/$name.xml" --json > "reports/$name.json"
    code=$?
    echo "$name: exit code $code"
    if [ "$worst" -eq 0 ]; then worst=$code; fi
    return "$code"
}

if step check check "$PROJECT" "$DATASET"; then
    step train train "$PROJECT" "$DATASET" --seconds "$SECONDS_TO_TRAIN"
fi
if [ -n "$MODEL" ]; then
    step monitor monitor "$PROJECT" "$MODEL"
fi
if [ "$RUN_DUE" = 1 ]; then
    step due run-due "$PROJECT"
fi
exit "$worst"
