/// A file is named after the type it declares, or at least after what that type is about.
enum Names {
    private static let types: Set<Substring> = ["struct", "class", "enum", "actor", "protocol"]

    static func breaches(in source: SourceFile) -> [Breach] {
        let isShipped = source.path.hasPrefix("Shared/") || source.path.hasPrefix("Services/")
        let (types, extended) = declared(in: source)
        // A file that adds to other types is named after the aspect it adds.
        guard isShipped, !types.isEmpty, Set(extended).isSubset(of: types), !isNamed(source.mainName, after: types)
        else { return [] }
        return [Breach(source.path, "is named after none of what it declares: \(types.joined(separator: ", "))")]
    }

    /// Named after an activity, a collection of ids, or a word its types share.
    private static func isNamed(_ file: String, after types: [String]) -> Bool {
        let stems = camelWords(file).map { String($0.prefix(max(4, $0.count - 3))) }
        let isCollection = file == "Identifiers" && types.allSatisfy { $0.hasSuffix("ID") }
        return isCollection || file.hasSuffix("ing")
            || stems.contains { stem in types.contains { $0.lowercased().contains(stem) } }
    }

    /// `PaymentLinks` is payment and links.
    private static func camelWords(_ name: String) -> [String] {
        var words: [String] = []
        var wasUppercase = true
        for character in name {
            if words.isEmpty || character.isUppercase && !wasUppercase { words.append("") }
            words[words.count - 1] += character.lowercased()
            wasUppercase = character.isUppercase
        }
        return words
    }

    /// The types others can see, and those that are extended.
    private static func declared(in source: SourceFile) -> (types: [String], extended: [String]) {
        var found: (types: [String], extended: [String]) = ([], [])
        for line in source.code where !line.contains("private") {
            let words = line.split { !isNamePart($0) && $0 != "." }
            for (word, next) in zip(words, words.dropFirst()) {
                if types.contains(word), next != "func", next != "var" { found.types.append(String(next)) }
                if word == "extension" { found.extended.append(String(next)) }
            }
        }
        return found
    }
}

/// Tests say what they show.
enum TestNames {
    static func breaches(in source: SourceFile) -> [Breach] {
        guard source.path.hasPrefix("Tests/") else { return [] }
        return source.lines.enumerated().compactMap { index, line in
            guard let place = source.code[index].firstRange(of: "func "),
                let attribute = attribute(of: source, index)
            else { return nil }
            let name = line[place.upperBound...]
            let isSentence = name.first == "`" && name.dropFirst().prefix { $0 != "`" }.contains(" ")
            guard !isSentence, !attribute.contains("\"") else { return nil }
            return Breach(source.path, line: index + 1, "a test's name is a sentence")
        }
    }

    /// The lines of a test's attribute, on the line of the function or above it; nil when it is no test.
    private static func attribute(of source: SourceFile, _ index: Int) -> String? {
        if source.code[index].contains("@Test") {
            return source.lines[index].split(separator: " func ").first.map(String.init)
        }
        for start in source.code[..<index].indices.reversed() {
            let line = source.code[start]
            // A test that begins there has this function inside.
            guard !line.contains("@Test") else {
                return line.contains("func ") ? nil : firstArgument(source.lines[start..<index])
            }
            if line.contains("func ") || line.contains("}") && !line.contains(")") || line.allSatisfy(\.isWhitespace) {
                return nil
            }
        }
        return nil
    }

    /// The sentence may also be the attribute's first argument.
    private static func firstArgument(_ lines: ArraySlice<String>) -> String {
        let text = lines.joined().drop { $0 != "(" }.dropFirst().drop { $0 == " " }
        return text.first == "\"" ? String(text) : ""
    }
}
