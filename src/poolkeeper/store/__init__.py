"""All SQL and nothing but SQL: one module a table, plain async functions that take the reader or transaction first."""
