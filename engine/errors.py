"""Everything that can go wrong in the engine, each as a sentence for the user."""


class EngineError(Exception):
    """What went wrong, as a sentence for the user."""


class FieldError(EngineError):
    """A setting outside its limits: names the field, the limits and what was given."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class GraphError(EngineError):
    """A network that cannot be built as it is drawn."""


class InputError(EngineError):
    """Data that does not fit the network: wrong shape, labels out of range, not a number."""


class MemoryLimitError(EngineError):
    """A network that would not fit into memory, refused before anything is allocated."""


class DataError(EngineError):
    """A data set that cannot be read, fetched or trusted."""
