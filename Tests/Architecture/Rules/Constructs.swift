/// What may not be written, and where it may after all.
struct Constructs {
    let word: String
    let because: String
    let isAllowed: @Sendable (SourceFile, Int) -> Bool

    static func breaches(in source: SourceFile) -> [Breach] {
        let banned = all.flatMap { construct in
            source.lines(with: construct.word).filter { !construct.isAllowed(source, $0) }.map {
                Breach(source.path, line: $0, "\(construct.word): \(construct.because)")
            }
        }
        return banned + unwraps(source) + openTasks(source) + impurities(source)
    }

    /// The only places that hold a C library's memory.
    private static let cFaces = [
        "Shared/PostgresClient/", "Shared/KafkaClient/", "Shared/HTTPClient/", "Shared/SpreadsheetWriter/",
        "Tests/EmbeddedBroker/",
        "Tests/Benchmarks/",
    ]

    private static let all: [Constructs] = [
        Constructs("@unchecked Sendable", "only in a face of a C library, with its proof above it", provenInCFace),
        Constructs("nonisolated(unsafe)", "only in a face of a C library, with its proof above it", provenInCFace),
        Constructs("@preconcurrency", "hides what the compiler would find"),
        Constructs("@_exported", "makes a module visible that was not imported"),
        Constructs("@testable", "package access is enough"),
        Constructs("try!", "throw instead"),
        Constructs("as!", "use as? and say what happens otherwise"),
        Constructs("XCTest", "tests are written with swift-testing"),
        Constructs("public", "package access is enough"),
        Constructs("Date()", "time comes in from outside", ownsTheClock),
        Constructs("Date.now", "time comes in from outside", ownsTheClock),
        Constructs("UUID()", "identities come in from outside", ownsTheClock),
    ]

    private init(
        _ word: String, _ because: String,
        _ isAllowed: @escaping @Sendable (SourceFile, Int) -> Bool = { _, _ in false }
    ) {
        (self.word, self.because, self.isAllowed) = (word, because, isAllowed)
    }

    /// The proof is a comment that ends above the declaration and its attributes.
    private static let provenInCFace: @Sendable (SourceFile, Int) -> Bool = { source, line in
        let above = source.lines[..<(line - 1)].last { !$0.hasPrefix("@") } ?? ""
        return cFaces.contains { source.path.hasPrefix($0) } && above.contains("//")
    }

    /// The runtime is where the real clock comes in; tests name their own scratch folders and databases.
    private static let ownsTheClock: @Sendable (SourceFile, Int) -> Bool = { source, _ in
        source.path.hasPrefix("Shared/ServiceRuntime/") || source.path.hasPrefix("Tests/")
    }
}

// MARK: Those that are more than a word

extension Constructs {
    /// `x!`, `f()!`, `a[0]!`: the formatter knows them too, but passes over tests.
    private static func unwraps(_ source: SourceFile) -> [Breach] {
        source.code.enumerated().compactMap { index, line in
            let characters = Array(line)
            let found = characters.indices.dropFirst().contains { position in
                let before = characters[position - 1]
                let after = position + 1 < characters.count ? characters[position + 1] : " "
                return characters[position] == "!" && (isNamePart(before) || ")]?".contains(before)) && after != "="
                    && !["try", "as"].contains { line.prefix(position).hasSuffix($0) }
            }
            return found ? Breach(source.path, line: index + 1, "force unwrap: say what happens otherwise") : nil
        }
    }

    private static func openTasks(_ source: SourceFile) -> [Breach] {
        source.lines.enumerated().compactMap { index, line in
            // Written apart, or this line would find itself.
            let isMarked = ["TO" + "DO", "FIX" + "ME"].contains { contains($0, in: line) }
            let hasNumber = line.ranges(of: "#").contains { line[$0.upperBound...].first?.isNumber == true }
            return isMarked && !hasNumber
                ? Breach(source.path, line: index + 1, "an open task needs its issue's number") : nil
        }
    }

    /// Rules are values in, values out: nothing waits, nothing looks at a clock, nothing is by chance.
    private static func impurities(_ source: SourceFile) -> [Breach] {
        let parts = source.path.split(separator: "/")
        let isPure =
            source.path.hasPrefix("Shared/PaymentModel/")
            || (parts.count > 3 && parts[0] == "Services" && parts[2] == "Domain")
        guard isPure else { return [] }
        let words = [
            "async", "await", "Task", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "random",
            "Logger",
            "print", "unsafe",
        ]
        return words.flatMap { word in
            source.lines(with: word).map { Breach(source.path, line: $0, "\(word): a rule is pure") }
        }
    }
}
