"""The executor ``dask``: the jobs of a bench on the workers of a Dask cluster."""
