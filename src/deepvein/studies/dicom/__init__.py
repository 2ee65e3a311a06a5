"""DICOM images: headers first, then series, geometry, choice and at last pixels."""
