import Foundation

/// Every sentence of a problem has its French, and nothing has that nobody says (GEN-5).
struct Phrases {
    static let shared = "Shared/HTTPServer/Answers/problems.fr.json"

    static func catalogue(of service: String) -> String { "Services/\(service)/Service/HTTP/problems.fr.json" }

    /// The French by the English; every line is one of both, as in a dictionary.
    static func french(in text: String) throws -> [(english: String, french: String)] {
        let lines = text.split(separator: "\n").dropFirst().dropLast()
        return try lines.map { line in
            let entry = line.hasSuffix(",") ? line.dropLast() : line
            let pair = try JSONDecoder().decode([String: String].self, from: Data("{\(entry)}".utf8))
            guard pair.count == 1, let found = pair.first else { throw NoEntry(line: String(line)) }
            return (found.key, found.value)
        }
    }

    struct NoEntry: Error { let line: String }

    // MARK: What is wrong with a catalogue

    static func breaches(in path: String, _ entries: [(english: String, french: String)]) -> [Breach] {
        let order = zip(entries, entries.dropFirst()).compactMap { before, after in
            before.english.unicodeScalars.lexicographicallyPrecedes(after.english.unicodeScalars)
                ? nil : Breach(path, "\"\(after.english)\" is there twice, or not in its place")
        }
        return order + entries.flatMap { english, french in fit(path, english, french) }
    }

    private static func fit(_ path: String, _ english: String, _ french: String) -> [Breach] {
        var faults: [String] = []
        let numbered = french.matches(of: /\{([0-9]+)\}/).compactMap { Int($0.output.1) }
        let places = english.ranges(of: "{}").count
        if numbered.isEmpty ? french.ranges(of: "{}").count != places : numbered.sorted() != Array(1...max(1, places)) {
            faults.append("has other places for values")
        }
        if french.contains(/[ ][;:!?»](?:\s|$)/) || french.contains("« ") { faults.append("may break before a sign") }
        if french.isEmpty { faults.append("is empty") }
        return faults.map { Breach(path, "\"\(french)\" \($0)") }
    }

    // MARK: What a source says

    /// Sentences of a source that must have French.
    static func required(in source: SourceFile) -> [LiteralScanner.Literal] {
        required(of: LiteralScanner.literals(in: source), in: source.path)
    }

    private static func required(
        of literals: [LiteralScanner.Literal], in path: String
    ) -> [LiteralScanner.Literal] {
        guard isRead(path) else { return [] }
        let readers = path.hasPrefix("Shared/HTTPServer/Reading/") ? speakers.union(["digits", "error"]) : speakers
        return literals.filter { literal in
            isSentence(literal.text) && (literal.isSentence || isOfProblem(literal, readers))
        }
    }

    /// Settings, commands and adapters speak to those who run the service.
    static func isRead(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        if parts.starts(with: ["Shared", "PageWriter"]) { return true }
        guard parts.count > 3, parts.last != "Configuration.swift" else { return false }
        return switch (parts[0], parts[1]) {
        case ("Shared", "HTTPServer"): parts[2] != "Testing"
        case ("Shared", "ServiceRuntime"): parts[2] == "Service"
        case ("Services", _): parts[2] == "Service" || parts[2] == "Domain"
        default: false
        }
    }

    private static func isOfProblem(_ literal: LiteralScanner.Literal, _ speakers: Set<String>) -> Bool {
        switch literal.label {
        case "detail", "reason", "remedy": makers.contains(literal.call)
        case "leftOf", "insteadOfThatOf": true
        case "": speakers.contains(literal.call)
        default: false
        }
    }

    /// What takes a sentence of a problem by its name.
    private static let makers: Set = [
        "Problem", "field", "FieldProblem", "refuse", "retry", "Refusal", "FileProblem", "Fault", "required", "text",
        "optionalText", "checkedDigits", "RowProblem", "Sign", "Unreadable", "read", "optional",
    ]

    /// What takes one without a name; of these the kinds of problems, too, have their titles.
    private static let speakers: Set = [
        "Self", "Code", "PageError", "tooMuchCash", "told", "malformed", "wrongKind", "issueDay", "tooEarly",
    ]

    private static func isSentence(_ text: String) -> Bool {
        text.contains(" ") && text.replacing("{}", with: "").contains { $0.isLetter }
    }
}

extension Phrases {
    /// Sentences without French, and French of what is said nowhere.
    static func breaches(
        of sources: [SourceFile], beside others: [SourceFile] = [], path: String, _ entries: [String: String],
        _ further: [String: String] = [:]
    ) -> [Breach] {
        var missing: [Breach] = []
        var said = Set((sources + others).flatMap { cases(in: $0) })
        for source in sources + others {
            let literals = LiteralScanner.literals(in: source)
            said.formUnion(literals.map(\.text))
            missing += required(of: literals, in: source.path)
                .filter { entries[$0.text] == nil && further[$0.text] == nil }
                .map { Breach(source.path, line: $0.line, "\"\($0.text)\" has no French in \(path)") }
        }
        return missing
            + entries.keys.filter { !said.contains($0) }.sorted().map { Breach(path, "\"\($0)\" is said nowhere") }
    }

    /// Names of cases, which are words of a sentence where one is put into it.
    private static func cases(in source: SourceFile) -> [String] {
        source.lines(with: "case").flatMap { line in
            source.code[line - 1].split { !isNamePart($0) }.map(String.init)
        }
    }
}
