"""The report as PDF, made from the same HTML."""

from __future__ import annotations


class PdfError(ValueError):
    """No PDF can be made on this machine."""


def report_pdf(page: str) -> bytes:
    """Lay an HTML report out on A4 pages.

    Parameters
    ----------
    page
        From `concepts.report.document.report_html`; nothing that it might refer to is fetched.

    Raises
    ------
    PdfError
        If weasyprint or a library of the system that it needs is missing.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        # weasyprint loads Pango when it is imported, and raises OSError where there is none.
        raise PdfError(
            "a PDF needs the package weasyprint and the system's Pango library (on Debian: apt install "
            f"libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0); write HTML instead, or install them: {error}"
        ) from error
    # A lone surrogate, which JSON can hold, fits in no file; PDF 1.4 keeps its pages where simple tools find them.
    text = page.encode("utf-8", errors="replace").decode("utf-8")
    made = weasyprint.HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(pdf_version="1.4")
    assert isinstance(made, bytes)
    return made
