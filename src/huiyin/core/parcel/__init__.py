"""The parcel on its way: its track, what the track proves, and when it stands still."""
