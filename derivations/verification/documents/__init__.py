"""Formulas in Markdown, TeX and notebooks: found, read as the document declares, and checked.

files, markdown, tex, notebook, mathematics   the pieces of a document
declarations, sentences, domain_words         what comments and sentences say
names, heads, scope, macros                   what is declared and defined at a place
checking, findings                            one finding for each displayed formula
process, worker, blocks, rows                 the process that checks one, within a time
places                                        where its lines stand in the document
report                                        findings for a person and for a program
"""

from derivations.verification.documents.checking import check_document, check_documents
from derivations.verification.documents.files import documents, is_document
from derivations.verification.documents.report import DocumentReport, Finding

__all__ = [
    "DocumentReport",
    "Finding",
    "check_document",
    "check_documents",
    "documents",
    "is_document",
]
