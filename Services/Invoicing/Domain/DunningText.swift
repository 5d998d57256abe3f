/// The words of a level of dunning, in which `{{amount}}` and the like stand for what notification puts there (INV-14).
package enum DunningText {
    /// What the words may name.
    package static let fields = ["firstName", "lastName", "clinic", "amount", "day", "number", "level"]

    /// What is wrong with the words, and where; both are counted from one.
    package struct Fault: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case unknownField(String)
            /// Two braces were opened and not closed on their line.
            case notClosed
        }

        package let kind: Kind
        package let line: Int
        package let column: Int

        package init(kind: Kind, line: Int, column: Int) {
            self.kind = kind
            self.line = line
            self.column = column
        }
    }

    /// The first thing that is wrong; nil where every field can be filled in.
    package static func fault(in text: String) -> Fault? {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if let (kind, column) = fault(inLine: Array(line)) {
                return Fault(kind: kind, line: index + 1, column: column)
            }
        }
        return nil
    }

    private static func fault(inLine line: [Character]) -> (Fault.Kind, column: Int)? {
        var place = 0
        while let start = pair("{", in: line, from: place) {
            guard let end = pair("}", in: line, from: start + 2) else { return (.notClosed, start + 1) }
            let name = String(line[(start + 2)..<end].filter { !$0.isWhitespace })
            guard fields.contains(name) else { return (.unknownField(name), start + 1) }
            place = end + 2
        }
        return nil
    }

    /// Where a brace stands twice.
    private static func pair(_ brace: Character, in line: [Character], from place: Int) -> Int? {
        line.indices.dropFirst(place).first { $0 + 1 < line.count && line[$0] == brace && line[$0 + 1] == brace }
    }
}
