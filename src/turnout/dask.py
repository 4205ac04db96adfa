"""Submitted tasks on a Dask cluster: `pip install 'turnout[dask]'`."""

from turnout.engine.runners.dask_cluster import DaskTaskRunner

__all__ = ["DaskTaskRunner"]
