"""The interface for programs: /api/v1/, OpenAPI 3.1, bearer tokens."""
