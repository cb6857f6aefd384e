"""Which faults are survived? Tests that kill, contend and disagree on purpose."""
