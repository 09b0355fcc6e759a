"""One module a use case: what the pages and the command line call. Each function authorises by itself."""
