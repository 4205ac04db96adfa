"""Values of secrets, found where runs execute: the environment first, then a 0600 file of the data folder.

A secret has a name and fields (`van.api_key`). Invariant: values are never logged, stored in the database or sent to
the server; they appear in no error and no listing.
"""

from turnout.secrets.masking import mask_values
from turnout.secrets.naming import env_name, split_name
from turnout.secrets.providers import environment, missing, resolve
from turnout.secrets.secret_file import list_secrets, remove_secret, set_secret

__all__ = [
    "env_name",
    "environment",
    "list_secrets",
    "mask_values",
    "missing",
    "remove_secret",
    "resolve",
    "set_secret",
    "split_name",
]
