#!/bin/bash
# The report's parts under Node's own test runner.
exec node --test e2e/report/*.test.mjs
