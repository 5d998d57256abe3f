/// Text in columns separated by semicolons, quoted as in RFC 4180, with the line each record begins on.
enum SeparatedValues {
    struct Record {
        let line: Int
        let fields: [String]
    }

    /// The first `max` records; what comes after them is not read.
    static func records(_ text: String, max: Int = .max) -> [Record] {
        var reader = Reader()
        // A carriage return with its line feed is one Character, so scalars are read.
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" {
            reader.take(scalar)
            guard reader.count < max else { return reader.records }
        }
        return reader.finish()
    }

    private struct Reader {
        private(set) var records: [Record] = []
        private var fields: [String] = []
        private var field = String.UnicodeScalarView()
        private var line = 1
        private var firstLine = 1
        private var isQuoted = false
        private var sawQuote = false

        mutating func take(_ scalar: Unicode.Scalar) {
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
            case ";": endField()
            case "\r": break
            case "\n": endRecord()
            default: field.append(scalar)
            }
        }

        var count: Int { records.count }

        mutating func finish() -> [Record] {
            if !field.isEmpty || !fields.isEmpty { endRecord() }
            return records
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
        }
    }
}
