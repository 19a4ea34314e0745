"""Writes of the training room."""

from training.services.assigning import assign_module, assign_path, assign_version, due_after, end_paths
from training.services.learning import read_lesson, submit_attempt
from training.services.publishing import publish_module

__all__ = [
    "assign_module",
    "assign_path",
    "assign_version",
    "due_after",
    "end_paths",
    "publish_module",
    "read_lesson",
    "submit_attempt",
]
