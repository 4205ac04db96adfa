"""Modules at the paths where people who come from Prefect look for them."""
