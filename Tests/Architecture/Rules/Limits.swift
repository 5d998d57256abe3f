/// How long things may be.
enum Limits {
    static let fileLinesMax = 400
    static let functionLinesMax = 60
    static let lineCharactersMax = 120

    static func breaches(in source: SourceFile) -> [Breach] {
        files(source) + lines(source) + functions(source)
    }

    private static func files(_ source: SourceFile) -> [Breach] {
        // The text after the last line break is no line.
        let count = source.lines.last?.isEmpty == true ? source.lines.count - 1 : source.lines.count
        return count > fileLinesMax ? [Breach(source.path, "has \(count) lines")] : []
    }

    private static func lines(_ source: SourceFile) -> [Breach] {
        source.lines.enumerated().compactMap { index, line in
            // A table in a text may be as wide as it reads best.
            let isTable = source.code[index].allSatisfy(\.isWhitespace) && !line.contains("//")
            guard line.count > lineCharactersMax, !isTable else { return nil }
            return Breach(source.path, line: index + 1, "has \(line.count) characters")
        }
    }

    private static func functions(_ source: SourceFile) -> [Breach] {
        FunctionScanner.functions(in: source).filter { $0.length > functionLinesMax }.map {
            Breach(source.path, line: $0.line, "is a function of \($0.length) lines")
        }
    }
}
