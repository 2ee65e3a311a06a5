"""Screening of the legs for deep vein thrombosis in CT and MR venography. Research use only."""
