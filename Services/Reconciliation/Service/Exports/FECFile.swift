import Foundation
import PaymentModel
import TransactionalMessaging

/// The file of entries for the tax office: eighteen fields, tabs between them, CR LF, ISO 8859-15, decimal commas.
enum FECFile {
    static let fields = [
        "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum",
        "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate",
        "Montantdevise", "Idevise",
    ]

    /// The day is that on which the financial year ends, or that of the last entry of an interim file.
    static func name(siren: String, through end: LocalDate) -> String { "\(siren)FEC\(day(end)).txt" }

    static func parts(of lines: RowCursor<FECLine>) -> any FileParts {
        TextParts(head: Latin9.bytes(row(fields)), of: lines) { Latin9.bytes(row(cells($0))) }
    }

    static func cells(_ line: FECLine) -> [String] {
        let amount = Money(Int64(line.amount.minorUnits.magnitude), line.amount.currency)
            .decimalText(separator: ",")
        let isDebit = line.amount.isPositive
        return [
            line.journal, line.journalLabel, "\(line.number)", day(line.bookedOn), line.account, line.accountLabel, "",
            "", line.piece, day(line.happenedOn), "\(line.label) \(line.piece)", isDebit ? amount : "0,00",
            isDebit ? "0,00" : amount, "", "", day(line.validOn), "", "",
        ]
    }

    /// What would read as the end of a field or of a line becomes a space.
    static func row(_ cells: [String]) -> String {
        cells.map { cell in
            String(String.UnicodeScalarView(cell.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
        }.joined(separator: "\t") + "\r\n"
    }

    private static func day(_ day: LocalDate) -> String { day.description.filter { $0 != "-" } }
}

/// ISO 8859-15, the encoding French accounting files are read in.
enum Latin9 {
    private static let own: [Unicode.Scalar: UInt8] = [
        "€": 0xA4, "Š": 0xA6, "š": 0xA8, "Ž": 0xB4, "ž": 0xB8, "Œ": 0xBC, "œ": 0xBD, "Ÿ": 0xBE,
        // What it does not have and has something very like.
        "‘": 0x27, "’": 0x27, "‚": 0x27, "“": 0x22, "”": 0x22, "„": 0x22, "‐": 0x2D, "‒": 0x2D, "–": 0x2D, "—": 0x2D,
        "―": 0x2D, "−": 0x2D, "Ł": 0x4C, "ł": 0x6C, "Đ": 0x44, "đ": 0x64, "ı": 0x69, "⁄": 0x2F,
    ]
    private static let replaced: Set<UInt8> = [0xA4, 0xA6, 0xA8, 0xB4, 0xB8, 0xBC, 0xBD, 0xBE]

    /// A letter and its accent that come apart are one in it; what it does not have becomes what is nearest to it.
    static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            if let byte = byte(scalar) { bytes.append(byte) } else { bytes += nearest(to: scalar) }
        }
        return bytes
    }

    private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        if let byte = own[scalar] { return byte }
        guard let byte = UInt8(exactly: scalar.value), !replaced.contains(byte), !(0x80...0x9F).contains(byte)
        else { return nil }
        return byte
    }

    /// Narrow spaces as spaces, three dots apart, letters without accents the encoding lacks; else a question mark.
    private static func nearest(to scalar: Unicode.Scalar) -> [UInt8] {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .format: return []
        default: break
        }
        let parts = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars.compactMap { byte($0) }
        return parts.isEmpty ? [UInt8(ascii: "?")] : parts
    }
}
