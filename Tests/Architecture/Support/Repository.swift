import Foundation

/// The files of the checkout the tests were built from.
struct Repository: Sendable {
    static let here = Repository(
        // …/Tests/Architecture/Support/Repository.swift
        root: "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/"))

    let root: String

    /// Paths from the root of all files a person wrote, sorted.
    func paths() -> [String] {
        let walk = FileManager.default.enumerator(atPath: root)
        var found: [String] = []
        while let path = walk?.nextObject() as? String {
            let name = path.split(separator: "/").last ?? ""
            if Repository.made.contains(String(name)) || name.hasPrefix(".build") {
                walk?.skipDescendants()
            } else if walk?.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                found.append(path)
            }
        }
        return found.sorted()
    }

    /// Every Swift source of this checkout; read once, since many rules ask.
    static let sources = Result { try here.sources() }

    /// Every Swift source but the manifest, which has a shape of its own.
    func sources() throws -> [SourceFile] {
        try paths().filter { $0.hasSuffix(".swift") && $0 != "Package.swift" }.map { path in
            SourceFile(path: path, text: try text(path))
        }
    }

    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

    /// What programs make, not people.
    private static let made: Set<String> = [".git", ".local", "__pycache__", "Package.resolved"]
}
