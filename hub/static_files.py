"""Static files with their content's hash in the name, compressed once when they are collected."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """whitenoise's storage without Brotli, which takes half a minute over the API's documentation page."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """gzip only, and not for source maps, which nobody downloads in earnest."""
        extensions = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
        return super().create_compressor(**kwargs | {"use_brotli": False, "extensions": extensions})
