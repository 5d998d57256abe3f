import Foundation

/// The package as SwiftPM understands it.
struct Manifest: Decodable, Sendable {
    let targets: [Target]

    struct Target: Decodable, Sendable {
        let name: String
        let type: String
        let path: String
        /// The folders it is made of, where these are not all of its path.
        let sources: [String]?
        let dependencies: [Dependency]
        let resources: [Resource]
        let settings: [Setting]

        var isCompiled: Bool { type != "system" }

        func isMade(of file: SourceFile) -> Bool {
            let folders = sources.map { $0.map { "\(path)/\($0)/" } } ?? ["\(path)/"]
            return folders.contains { file.path.hasPrefix($0) }
        }
    }

    struct Resource: Decodable, Sendable {
        let path: String
    }

    /// A target of this package or a product of another.
    struct Dependency: Sendable {
        let name: String
        let isProduct: Bool
    }

    /// A compiler or linker setting with its values, if it has any.
    struct Setting: Decodable, Sendable {
        let kind: [String: [String: Values]]

        var text: String {
            kind.map { name, values in ([name] + values.values.flatMap(\.texts)).joined(separator: " ") }
                .joined(separator: " ")
        }
    }

    /// One text or several.
    struct Values: Decodable, Sendable {
        let texts: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            texts = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
        }
    }

    static func read(_ json: String) throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(json.utf8))
    }

    /// Asks SwiftPM, in a scratch folder of its own since the tests' run holds the lock of the usual one.
    static let here = Result<Manifest, any Error> {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "quittance-manifest-\(UUID())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        // The compiler leaves a folder behind where temporary files go; there it is removed with the rest.
        let dump = try Command.run([
            "TMPDIR=\(scratch.path())", "swift", "package", "--scratch-path", scratch.path(), "dump-package",
        ])
        guard dump.status == 0 else { throw CommandFailed(text: dump.errors) }
        return try read(dump.output)
    }
}

struct CommandFailed: Error {
    let text: String
}

extension Manifest.Dependency: Decodable {
    init(from decoder: any Decoder) throws {
        let kinds = try decoder.container(keyedBy: Kind.self)
        guard let kind = kinds.allKeys.first else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "of no kind"))
        }
        var parts = try kinds.nestedUnkeyedContainer(forKey: kind)
        self.init(name: try parts.decode(String.self), isProduct: kind == .product)
    }

    private enum Kind: CodingKey { case byName, target, product }
}
