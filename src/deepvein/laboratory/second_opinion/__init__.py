"""A second opinion: legs that no model of this project was trained on, made without its generator."""
