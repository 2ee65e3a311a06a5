"""The hospital's node: receives studies, has them screened, delivers the results (`deepvein serve`)."""
