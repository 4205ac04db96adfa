"""Submitted tasks as Ray tasks: `pip install 'turnout[ray]'`."""

from turnout.engine.runners.ray_cluster import RayTaskRunner

__all__ = ["RayTaskRunner"]
