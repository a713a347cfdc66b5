"""Concepts as a document: one HTML file or PDF for people, records for programs.

found = load_concepts("mutagenicity")
page = report_html(found, model_card(found))      # concepts.report.document
pdf = report_pdf(page)                            # concepts.report.pdf
record = report_record(found, model_card(found))  # concepts.report.record
"""
