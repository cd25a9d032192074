"""Assent: self-service with approvals, declared in YAML."""

__version__ = "0.1.0"
