import Foundation

/// One Swift source, as text and as code alone.
struct SourceFile: Sendable {
    let path: String
    let lines: [String]
    /// The same lines with comments, strings and raw names blanked, so that what is left is code.
    let code: [String]
    private let codeBytes: Data

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let blanked = CodeBlanker.blanked(text)
        code = blanked.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        codeBytes = Data(blanked.utf8)
    }

    /// The file's name up to its extension, and up to a plus sign.
    var mainName: String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.dropLast(".swift".count).prefix { $0 != "+" })
    }

    /// Line numbers and names of the modules it imports.
    var imports: [(line: Int, module: String)] {
        code.enumerated().compactMap { index, line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let position = words.firstIndex(of: "import"), position < 4, let last = words.last,
                words[..<position].allSatisfy({ SourceFile.importModifiers.contains($0) || $0.hasPrefix("@") })
            else { return nil }
            return (index + 1, String(last.prefix { $0 != "." }))
        }
    }

    /// Line numbers where a word stands by itself in the code.
    func lines(with word: String) -> [Int] {
        // Most files have none: asking the bytes first spares the slow search line by line.
        guard codeBytes.range(of: Data(word.utf8)) != nil else { return [] }
        return code.enumerated().compactMap { index, line in contains(word, in: line) ? index + 1 : nil }
    }

    private static let importModifiers: Set<Substring> = ["package", "public", "internal", "fileprivate", "private"]
}

/// Whether a text stands in a line without being part of a longer name.
func contains(_ word: String, in line: String) -> Bool {
    line.ranges(of: word).contains { range in
        let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
        let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
        let startsName = word.first.map(isNamePart) ?? false
        let endsName = word.last.map(isNamePart) ?? false
        return !(startsName && isNamePart(before)) && !(endsName && isNamePart(after))
    }
}

func isNamePart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
}
