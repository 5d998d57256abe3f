import CQPDF

/// Turns drawn pages into PDF/A-3b (ISO 19005-3): what an archive, and a reader of e-invoices, needs beside the pages.
package struct ArchivalFile: Sendable {
    /// A file inside the file.
    package struct Attachment: Hashable, Sendable {
        /// What the attachment is to the pages (ISO 32000-2, 14.13).
        package enum Relationship: String, Hashable, Sendable {
            case alternative = "Alternative"
            case data = "Data"
            case supplement = "Supplement"
        }

        package let name: String
        package let mediaType: String
        package let relationship: Relationship
        package let summary: String
        package let bytes: [UInt8]

        package init(
            name: String, mediaType: String, relationship: Relationship, summary: String, bytes: [UInt8]
        ) {
            self.name = name
            self.mediaType = mediaType
            self.relationship = relationship
            self.summary = summary
            self.bytes = bytes
        }
    }

    package let title: String
    package let author: String
    /// BCP 47, such as `fr-FR`.
    package let language: String
    /// UTC.
    package let made: PageTime
    package let attachments: [Attachment]
    /// What the metadata say of an e-invoice inside; nil for other documents.
    package let invoice: FacturXMark?

    package init(
        title: String, author: String, language: String, made: PageTime, attachments: [Attachment] = [],
        invoice: FacturXMark? = nil
    ) {
        self.title = title
        self.author = author
        self.language = language
        self.made = made
        self.attachments = attachments
        self.invoice = invoice
    }

    /// The archival file with these pages; the same input gives the same bytes.
    ///
    /// `profile` is the ICC profile of sRGB.
    package func write(_ pages: [UInt8], profile: [UInt8]) throws(PageError) -> [UInt8] {
        let file = try PDFObjects(reading: pages)
        file.completeFonts()
        file.makeLinksPrintable()
        let metadata = file.stream(
            Array(Metadata(of: self).packet.utf8), keys: [("/Type", "/Metadata"), ("/Subtype", "/XML")])
        file.setRoot("/Metadata", to: metadata)
        file.setRoot("/Lang", to: file.text(language))
        let icc = file.stream(profile, keys: [("/N", "3")])
        let intent = file.parse(
            "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) >>")
        file.set("/DestOutputProfile", of: intent, to: icc)
        file.setRoot("/OutputIntents", to: file.array([intent]))
        file.setRoot("/ViewerPreferences", to: file.parse("<< /DisplayDocTitle true >>"))
        if !attachments.isEmpty { attach(to: file) }
        file.setInformation([
            ("/Title", title), ("/Author", author), ("/Creator", Metadata.tool), ("/Producer", Metadata.tool),
            ("/CreationDate", made.pdf), ("/ModDate", made.pdf),
        ])
        return try file.written()
    }

    private func attach(to file: PDFObjects) {
        var named: [UInt32] = []
        var associated: [UInt32] = []
        for attachment in attachments {
            let content = file.stream(
                attachment.bytes, keys: [("/Type", "/EmbeddedFile"), ("/Subtype", "/" + attachment.escapedType)])
            let parameters = file.parse("<< /Size \(attachment.bytes.count) /ModDate (\(made.pdf)) >>")
            file.setStream("/Params", of: content, to: parameters)
            let specification = file.parse(
                "<< /Type /Filespec /AFRelationship /\(attachment.relationship.rawValue) /EF << >> >>")
            file.set("/F", of: specification, to: file.text(attachment.name))
            file.set("/UF", of: specification, to: file.text(attachment.name))
            file.set("/Desc", of: specification, to: file.text(attachment.summary))
            let embedded = file.get("/EF", of: specification)
            file.set("/F", of: embedded, to: content)
            file.set("/UF", of: embedded, to: content)
            let reference = file.indirect(specification)
            named += [file.text(attachment.name), reference]
            associated.append(reference)
        }
        let names = file.parse("<< /EmbeddedFiles << >> >>")
        file.set("/Names", of: file.get("/EmbeddedFiles", of: names), to: file.array(named))
        file.setRoot("/Names", to: names)
        file.setRoot("/AF", to: file.array(associated))
        file.setRoot("/PageMode", to: file.parse("/UseAttachments"))
    }
}

extension ArchivalFile.Attachment {
    /// A media type as a name of PDF, whose slash must be written by its number.
    fileprivate var escapedType: String { mediaType.split(separator: "/").joined(separator: "#2F") }
}

/// A moment in UTC, as documents carry it.
package struct PageTime: Hashable, Sendable {
    private let date: String
    private let time: String

    /// - Parameters:
    ///   - date: such as `2026-11-20`.
    ///   - time: such as `14:05:09`.
    package init(date: String, time: String = "00:00:00") {
        self.date = date
        self.time = time
    }

    /// As XMP writes it.
    var xmp: String { "\(date)T\(time)Z" }
    /// As PDF writes it.
    var pdf: String { "D:" + (date + time).filter(\.isNumber) + "Z" }
}
