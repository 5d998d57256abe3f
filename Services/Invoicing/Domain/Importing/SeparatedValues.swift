/// Text in columns, quoted as in RFC 4180, with the line each record begins on.
package enum SeparatedValues {
    /// One record, wherever its lines end.
    package struct Record: Hashable, Sendable {
        /// As an editor counts, from 1.
        package let line: Int
        package let fields: [String]

        package init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// The first `max` records, and where the last one begins when a quote in it is never closed; what comes after them
    /// is not read.
    static func records(_ text: String, max: Int = .max) -> (records: [Record], openQuoteLine: Int?) {
        var reader = Reader(separator: separator(in: text))
        // A carriage return with its line feed is one Character, so scalars are read.
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" {
            reader.take(scalar)
            guard reader.records.count < max else { return (reader.records, nil) }
        }
        if let line = reader.openQuoteLine { return (reader.records, line) }
        reader.finish()
        return (reader.records, nil)
    }

    /// What stands between the columns of a header: the most frequent of the usual separators outside quotes.
    package static func separator(in text: String) -> Unicode.Scalar {
        var counts: [Unicode.Scalar: Int] = [:]
        var isQuoted = false
        for scalar in text.unicodeScalars {
            if scalar == "\"" { isQuoted.toggle() }
            if scalar == "\n" && !isQuoted { break }
            if !isQuoted, separators.contains(scalar) { counts[scalar, default: 0] += 1 }
        }
        return separators.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? ";"
    }

    /// The first of those that are equally frequent is taken, so a header of one column has semicolons.
    private static let separators: [Unicode.Scalar] = [";", ",", "\t"]

    /// Reads a text as it comes; whole records can be taken from it at any time.
    package struct Reader: Sendable {
        /// Characters of the longest record: a quote that never ends must not swallow the rest of a file.
        package static let recordMax = 200_000

        private let separator: Unicode.Scalar
        package private(set) var records: [Record] = []
        private var fields: [String] = []
        private var field = String.UnicodeScalarView()
        private var line = 1
        private var firstLine = 1
        private var length = 0
        private var isQuoted = false
        private var sawQuote = false

        package init(separator: Unicode.Scalar) { self.separator = separator }

        /// The line on which a record begins that is longer than any may be; nil while there is none.
        package var endlessLine: Int? { length > Reader.recordMax ? firstLine : nil }

        /// The line on which a record begins that is still within quotes; where the text ends there, what follows the
        /// quote is no cell.
        package var openQuoteLine: Int? { isQuoted && !sawQuote ? firstLine : nil }

        package mutating func take(_ scalar: Unicode.Scalar) {
            length += 1
            if scalar == "\n" { line += 1 }
            if isQuoted, !sawQuote {
                if scalar == "\"" { sawQuote = true } else { field.append(scalar) }
                return
            }
            if isQuoted, sawQuote, scalar == "\"" {
                field.append(scalar)
                sawQuote = false
                return
            }
            switch scalar {
            case "\"" where field.isEmpty: isQuoted = true
            case separator: endField()
            case "\r": break
            case "\n": endRecord()
            default: field.append(scalar)
            }
        }

        /// The records that are whole by now; they are not kept.
        package mutating func drain() -> [Record] {
            defer { records.removeAll(keepingCapacity: true) }
            return records
        }

        /// Ends the record that no line ends.
        package mutating func finish() {
            if !field.isEmpty || !fields.isEmpty { endRecord() }
        }

        private mutating func endField() {
            fields.append(String(field))
            field = String.UnicodeScalarView()
            (isQuoted, sawQuote) = (false, false)
        }

        private mutating func endRecord() {
            endField()
            if fields != [""] { records.append(Record(line: firstLine, fields: fields)) }
            fields = []
            firstLine = line
            length = 0
        }
    }
}
