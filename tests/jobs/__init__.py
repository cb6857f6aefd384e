"""Does the worker's work come to its end, whatever happens on the way? In tests that are the worker."""
