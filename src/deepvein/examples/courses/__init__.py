"""Sections along the course of a vein: painted once without blood, filled anew each time they are seen."""
