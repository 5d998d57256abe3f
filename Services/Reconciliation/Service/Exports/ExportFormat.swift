import PaymentModel

/// The kinds of files a grid is written as (REC-7).
enum ExportFormat: String, CaseIterable, Sendable {
    case csv, txt, xml, xlsx

    var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8"
        case .txt: "text/plain; charset=utf-8"
        case .xml: "application/xml"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }
}

/// Writes rows as text, part by part.
protocol TextFormat: Sendable {
    /// What comes before the rows.
    func head(_ name: String, _ columns: [String]) -> String

    /// One row.
    func row(_ cells: [Cell], _ columns: [String]) -> String

    /// What comes after them.
    var foot: String { get }
}

/// A file French Excel opens as it is: UTF-8 with its mark, semicolons, CR LF (C-27).
struct CSVFormat: TextFormat {
    let separator: DecimalSeparator
    /// Of the words in it.
    let language: Language
    let foot = ""

    func head(_ name: String, _ columns: [String]) -> String { "\u{FEFF}" + row(columns.map(Cell.text), columns) }

    func row(_ cells: [Cell], _ columns: [String]) -> String {
        cells.map { CSVCell.text($0.text(separator: separator.sign, in: language)) }.joined(separator: ";") + "\r\n"
    }
}

/// Plain text with tabs between its fields and no quotes: a tab or a line break inside a text becomes a space.
struct TXTFormat: TextFormat {
    let separator: DecimalSeparator
    /// Of the words in it.
    let language: Language
    let foot = ""

    func head(_ name: String, _ columns: [String]) -> String { "\u{FEFF}" + row(columns.map(Cell.text), columns) }

    func row(_ cells: [Cell], _ columns: [String]) -> String {
        cells.map { cell in
            CSVCell.disarmed(
                String(
                    String.UnicodeScalarView(
                        cell.text(separator: separator.sign, in: language).unicodeScalars.map {
                            $0.value < 32 ? " " : $0
                        })))
        }.joined(separator: "\t") + "\r\n"
    }
}

/// XML by the schema of `GridSchema`; amounts have a decimal point and their currency beside them.
struct XMLFormat: TextFormat {
    let foot = "</grid>\n"

    func head(_ name: String, _ columns: [String]) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<grid xmlns=\"\(GridSchema.namespace)\" name=\"\(name)\">\n"
    }

    func row(_ cells: [Cell], _ columns: [String]) -> String {
        "<row>" + zip(cells, columns).map { cell, column in element(cell, column) }.joined() + "</row>\n"
    }

    private func element(_ cell: Cell, _ column: String) -> String {
        switch cell {
        case .empty: ""
        case .text(let text), .word(let text, _): "<text column=\"\(column)\">\(Self.escaped(text))</text>"
        case .number(let number): "<number column=\"\(column)\">\(number)</number>"
        case .amount(let amount):
            "<amount column=\"\(column)\" currency=\"\(amount.currency.code)\">"
                + "\(amount.decimalText(separator: "."))</amount>"
        case .day(let day): "<day column=\"\(column)\">\(day)</day>"
        }
    }

    /// What XML cannot hold is left out.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\r": escaped += "&#13;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            default:
                if scalar.value >= 32, scalar.value & 0xFFFE != 0xFFFE { escaped.unicodeScalars.append(scalar) }
            }
        }
        return escaped
    }
}
