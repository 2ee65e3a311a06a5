"""Work on many machines by Ray (extra `[cluster]`): an `Executor` for whatever is spread over processes."""
