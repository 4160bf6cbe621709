"""The customer's pages: file a complaint, follow it, answer the survey."""
