import Foundation

/// What the service's page says of a gateway without an adapter of its own.
struct DescribedGatewayPage {
    struct Missing: Error { let text: String }

    /// The description it has for an example, and what it says such a gateway posts to us.
    let example: String
    let receipt: String
    let reply: String
    /// The keys its table explains; `*.` stands for each of the three kinds of answers.
    let keys: [String]

    init() throws {
        // …/Tests/Conformance/NotificationChannels/DescribedGatewayPage.swift
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let page = try String(contentsOfFile: "\(root)/Services/Notification/README.md", encoding: .utf8)
        let (section, _) = try Self.first("\n### A gateway without an adapter of its own\n", "\n## ", in: page[...])
        var rest = section
        var blocks: [String] = []
        for _ in 1...3 {
            let (block, after) = try Self.first("\n```json\n", "\n```\n", in: rest)
            blocks.append(String(block))
            rest = after
        }
        (example, receipt, reply) = (blocks[0], blocks[1], blocks[2])
        keys = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            String(line.dropFirst(3).prefix { $0 != "`" })
        }
    }

    /// What stands between the first of a beginning and its end, and what comes after it.
    private static func first(
        _ beginning: String, _ end: String, in text: Substring
    ) throws -> (found: Substring, after: Substring) {
        guard let opening = text.firstRange(of: beginning) else { throw Missing(text: beginning) }
        let rest = text[opening.upperBound...]
        guard let closing = rest.firstRange(of: end) else { throw Missing(text: end) }
        return (rest[..<closing.lowerBound], rest[closing.upperBound...])
    }
}
