"""The demo company: its people and sixty days of complaints, played through the flows."""
