"""Each stage of the pipeline as one function from tables to the texts of files."""
