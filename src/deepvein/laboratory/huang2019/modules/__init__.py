"""What computes with torch; imported only where it is used."""
