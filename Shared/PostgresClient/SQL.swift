/// One statement whose values travel beside its text.
///
/// Every interpolated value becomes a bound parameter (`$1`, `$2`, …), so text from outside can never become SQL.
/// Raw text needs the label `unescaped:` and is for names the program itself wrote.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text the server parses, with numbered placeholders.
    package private(set) var text: String
    private(set) var values: [PostgresValue] = []
    /// Where each placeholder begins in `text`, so that a statement can be put inside another and renumbered.
    private var placeholders: [Int] = []

    /// A statement without values.
    package init(stringLiteral text: String) { self.text = text }

    /// A statement whose interpolated values are bound.
    package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.statement }

    /// A statement whose text the program made itself; never pass text from outside.
    package init(unescaped text: String) { self.text = text }

    /// Collects text and values of a literal.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var statement: SQL

        package init(literalCapacity: Int, interpolationCount: Int) {
            statement = SQL(unescaped: "")
            statement.text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            statement.values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { statement.text += literal }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some PostgresEncodable) {
            statement.bind(value.postgresValue)
        }

        /// The same for a value that may be missing: without it the compiler takes the optional for a mistake.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            statement.bind(value.postgresValue)
        }

        /// Puts a part of a statement here, with its values.
        package mutating func appendInterpolation(_ part: SQL) { statement.append(part) }

        /// Puts raw text here; never text from outside.
        package mutating func appendInterpolation(unescaped text: String) { statement.text += text }
    }

    /// Adds a part at the end, with its values.
    package mutating func append(_ part: SQL) {
        let bytes = part.text.utf8
        var from = bytes.startIndex
        for (number, offset) in part.placeholders.enumerated() {
            let placeholder = bytes.index(bytes.startIndex, offsetBy: offset)
            text += part.text[from..<placeholder]
            bind(part.values[number])
            from = bytes.index(placeholder, offsetBy: "$\(number + 1)".utf8.count)
        }
        text += part.text[from...]
    }

    /// As a column, or a part of a condition: the commit of its transaction answers before the disk has it.
    ///
    /// A crash of the database's machine may take back what was committed in its last second, a crash of ours nothing;
    /// so it MUST be for what is found, or asked for, again.
    package static let aheadOfDisk: SQL = "set_config('synchronous_commit', 'off', true)"

    private mutating func bind(_ value: PostgresValue) {
        placeholders.append(text.utf8.count)
        values.append(value)
        text += "$\(values.count)"
    }
}
