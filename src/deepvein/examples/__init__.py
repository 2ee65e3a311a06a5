"""What a network sees: settings are light, sources import torch when they are opened."""
