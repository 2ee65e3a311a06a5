"""Results as DICOM objects in the source's study, each kind in a series of its own."""
