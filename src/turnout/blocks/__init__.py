"""Typed configuration that is saved under a name: `core`, `system`."""
