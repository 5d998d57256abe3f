import PaymentModel

/// Which column of a file says what, as an organisation saved it for its practice's software.
package struct ColumnMapping: Hashable, Codable, Sendable {
    /// What stands between whole and fraction; the other one would make thousands of units.
    package enum Decimal: String, CaseIterable, Codable, Sendable { case comma, point }

    /// The name of a field → the heading of its column; a field that is not here is looked for by its own name.
    package let columns: [String: String]
    /// The name of a field → what it is where the file says nothing.
    package let constants: [String: String]
    package let decimal: Decimal

    package init(columns: [String: String] = [:], constants: [String: String] = [:], decimal: Decimal = .comma) {
        self.columns = columns
        self.constants = constants
        self.decimal = decimal
    }

    /// Where each field of `kind` is in a file with this header.
    package func plan(of kind: ImportKind, header: [String]) throws(MissingColumns) -> ColumnPlan {
        let places = Dictionary(header.enumerated().map { (Self.plain($1), $0) }) { first, _ in first }
        var missing: [String] = []
        let sources = kind.fields.map { field in
            let heading = columns[field.name] ?? field.name
            let place = places[Self.plain(heading)]
            let standard = constants[field.name] ?? field.standard
            if place == nil, standard == nil || columns[field.name] != nil { missing.append(heading) }
            return ColumnPlan.Source(field: field, place: place, standard: standard ?? "")
        }
        guard missing.isEmpty else { throw MissingColumns(headings: missing) }
        return ColumnPlan(
            sources: sources, decimal: decimal, width: header.count,
            ignored: Self.ignored(of: header, but: Set(sources.compactMap(\.place))))
    }

    /// Headings of which nothing is read, but those that a file of refused rows has before its own.
    private static func ignored(of header: [String], but read: Set<Int>) -> [String] {
        let added = RefusedRowSheet.headings.first { own in header.starts(with: own) { plain($0) == $1 } }
        let own = added?.count ?? 0
        return header.indices.dropFirst(own).filter { !read.contains($0) && !plain(header[$0]).isEmpty }
            .map { header[$0] }
    }

    private static func plain(_ heading: String) -> String {
        let text = SpreadsheetCell.armed(heading).drop(while: \.isWhitespace)
        return String(text.reversed().drop(while: \.isWhitespace).reversed()).lowercased()
    }
}

/// A file without columns it must have.
package struct MissingColumns: Error, Hashable, Sendable {
    package let headings: [String]

    package init(headings: [String]) { self.headings = headings }
}

/// Where each field of a row is.
package struct ColumnPlan: Hashable, Sendable {
    struct Source: Hashable, Sendable {
        let field: ImportField
        let place: Int?
        let standard: String
    }

    let sources: [Source]
    let decimal: ColumnMapping.Decimal
    /// How many cells a row may have.
    package let width: Int
    /// Headings of which nothing is read.
    package let ignored: [String]

    /// What a row says, in the order of the kind's fields, days and numbers as the rest of an import reads them.
    package func values(of cells: [String]) -> [String] {
        sources.map { source in
            // As files of refused rows write it.
            let written = source.place.flatMap { cells.indices.contains($0) ? cells[$0] : nil }
            let cell = SpreadsheetCell.armed(written ?? "")
            let text = cell.allSatisfy(\.isWhitespace) ? source.standard : cell
            return switch source.field.form {
            case .text: text
            case .number: number(text)
            case .day: ImportDay.plain(text)
            }
        }
    }

    /// One of its values by the field's name.
    package func value(_ name: String, in values: [String]) -> String {
        sources.firstIndex { $0.field.name == name }.map { values[$0] } ?? ""
    }

    /// Spaces that group thousands and the sign of the currency are left out; a separator of thousands is not guessed.
    ///
    /// Where decimals have a point, a text with a comma is kept from being read: the space at its end is no digit.
    private func number(_ text: String) -> String {
        let plain = text.filter { !$0.isWhitespace && $0 != "€" }
        guard decimal == .point else { return plain }
        return plain.contains(",") ? plain + " " : plain.replacing(".", with: ",")
    }
}

/// Days as practice-management software writes them.
package enum ImportDay {
    /// `20/11/2026`, `20.11.2026` and `20-11-2026` become `2026-11-20`; anything else stays as it is.
    static func plain(_ text: String) -> String {
        let parts = text.split(omittingEmptySubsequences: false) { "/.-".contains($0) }
        guard parts.count == 3, (1...2).contains(parts[0].count), (1...2).contains(parts[1].count),
            parts[2].count == 4, parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let day = Int(parts[0]), let month = Int(parts[1]), let year = Int(parts[2]),
            let date = LocalDate(year: year, month: month, day: day)
        else { return text }
        return date.description
    }
}
