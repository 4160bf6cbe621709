"""Reading: frozen structs for viewers, facts for rooms."""
