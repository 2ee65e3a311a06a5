"""What readers make of results: the images they see, their drafts, and what they sign."""
