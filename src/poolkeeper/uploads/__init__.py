"""The files of import jobs, as they come."""
