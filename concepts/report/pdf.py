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
    except (ImportError, OSError) as error:
        # weasyprint loads Pango when it is imported, and raises OSError where there is none.
        raise PdfError(
            "a PDF needs the package weasyprint and the system's Pango library (on Debian: apt install "
            f"libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0); write HTML instead, or install them: {error}"
        ) from error
    made = weasyprint.HTML(string=page, url_fetcher=_refuse).write_pdf()
    assert isinstance(made, bytes)
    return made


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a report refers to nothing outside itself; it asked for {url[:80]}")
