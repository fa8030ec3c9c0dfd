"""What is edited: the project as a value, edits as functions, and a document that remembers them."""
