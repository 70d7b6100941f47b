"""The service: the API and the pages, over one desk."""
