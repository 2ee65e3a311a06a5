"""A second reader, who follows each vein along its way and sees what a few slices cannot tell."""
