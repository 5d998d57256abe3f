import FoundationEssentials
import InvoicingDomain
import PageWriter
import PaymentModel

/// An issued document as the one file that is both page and e-invoice: PDF/A-3 with Factur-X inside (INV-5).
struct DocumentFile: Sendable {
    /// Where the ICC profile of sRGB is (Debian's icc-profiles-free).
    let profilePath: String

    func write(
        _ document: IssuedDocument, look: DocumentLook, language: Language, payLink: String?
    ) throws(PageError) -> [UInt8] {
        let pages = try DocumentPrinter(document, look: look, language: language, payLink: payLink).pages()
        let words = DocumentWords(language: language)
        // A seller without numbers has a page, which is no e-invoice.
        let isElectronic = FacturX.admits(document)
        let archival = ArchivalFile(
            title: "\(words.title(document.kind)) \(document.number)", author: document.seller.name,
            language: language == .french ? "fr-FR" : "en-GB",
            made: PageTime(date: document.issuedOn.description),
            attachments: isElectronic ? [data(of: document)] : [],
            invoice: isElectronic ? FacturXMark(fileName: FacturX.fileName, level: FacturX.profile) : nil)
        return try archival.write(pages, profile: try profile())
    }

    /// Pages that are no e-invoice, as a file that can be kept.
    func write(
        _ pages: [UInt8], titled title: String, by author: String, in language: Language, on day: LocalDate
    ) throws(PageError) -> [UInt8] {
        let archival = ArchivalFile(
            title: title, author: author, language: language == .french ? "fr-FR" : "en-GB",
            made: PageTime(date: day.description), attachments: [], invoice: nil)
        return try archival.write(pages, profile: try profile())
    }

    private func profile() throws(PageError) -> [UInt8] {
        guard let found = FileManager.default.contents(atPath: profilePath) else {
            throw PageError("\(profilePath) can't be read: install icc-profiles-free, or set QUITTANCE_COLOUR_PROFILE")
        }
        return Array(found)
    }

    private func data(of document: IssuedDocument) -> ArchivalFile.Attachment {
        ArchivalFile.Attachment(
            name: FacturX.fileName, mediaType: "text/xml", relationship: .alternative, summary: "Factur-X",
            bytes: Array(FacturX(document).xml.utf8))
    }
}
