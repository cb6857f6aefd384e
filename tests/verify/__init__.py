"""Requests that other servers get, and whose they are."""
