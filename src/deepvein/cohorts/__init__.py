"""Labelled cases: the table, its checks, its division by patient and its statistics."""
