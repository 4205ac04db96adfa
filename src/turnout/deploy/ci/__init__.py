"""Continuous integration as files that a repository keeps: a workflow for GitHub, a script for everything else."""
