/// Looks at an XML file before the parser does.
///
/// A statement of a bank has no document type; with one come entities, which can name other files or grow without end.
/// The bytes are looked through as they are, so only encodings in which ASCII stands for itself are let in.
enum XMLGuard {
    private static let encodings: Set<String> = ["UTF-8", "ISO-8859-1", "ISO-8859-15", "US-ASCII", "WINDOWS-1252"]
    private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func check(_ bytes: [UInt8]) throws(FileProblem) {
        let text = bytes.starts(with: utf8Mark) ? bytes[3...] : bytes[...]
        guard let first = text.first(where: { ![9, 10, 13, 32].contains($0) }), first == UInt8(ascii: "<"),
            !text.contains(0)
        else {
            throw FileProblem(
                line: 1, reason: "It does not begin as XML in UTF-8.", remedy: "Choose the bank's CAMT.053 file.")
        }
        if let encoding = encoding(in: text), !encodings.contains(encoding) {
            throw FileProblem(
                line: 1, reason: "The encoding \"\(encoding.prefix(30))\" is not read.", remedy: "Save it as UTF-8.")
        }
        for word in ["<!DOCTYPE", "<!ENTITY"] {
            guard let line = line(of: Array(word.utf8), in: text) else { continue }
            throw FileProblem(
                line: line, reason: "It declares a document type or entities, which no bank's statement does.",
                remedy: "Ask the bank for the file again.")
        }
    }

    /// What the XML declaration names, in capitals; the declaration is the first thing in a file or absent.
    private static func encoding(in text: ArraySlice<UInt8>) -> String? {
        let head = String(decoding: text.prefix(200), as: UTF8.self).prefix { $0 != ">" }
        guard head.hasPrefix("<?xml"), let name = head.firstRange(of: "encoding") else { return nil }
        return head[name.upperBound...].split(whereSeparator: { "\"' =".contains($0) }).first
            .map { $0.uppercased() }
    }

    private static func line(of word: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var line = 1
        for place in text.indices {
            if text[place] == 10 { line += 1 }
            guard text[place] == word[0], text.endIndex - place >= word.count,
                zip(text[place...], word).allSatisfy({ $0.isEqualInCapitals(to: $1) })
            else { continue }
            return line
        }
        return nil
    }
}

extension UInt8 {
    fileprivate func isEqualInCapitals(to other: UInt8) -> Bool {
        ((97...122).contains(self) ? self - 32 : self) == other
    }
}
