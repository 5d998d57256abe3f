/// A page names only what is there.
struct Documents {
    let exists: (String) -> Bool

    private static let roots = ["Services/", "Shared/", "Tests/", "deploy/", ".ci/"]
    private static let extensions = [".swift", ".md", ".py", ".json", ".yaml", ".yml", ".sql", ".txt", ".sh", ".csv"]

    func breaches(in page: String, _ text: String) -> [Breach] {
        let folder = page.split(separator: "/").dropLast().joined(separator: "/")
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            (named(in: line) + linked(in: line)).filter { !isThere($0, from: folder) }.map {
                Breach(page, line: index + 1, "names \($0), which is not there")
            }
        }
    }

    /// Paths in backticks, and in a table's first column also bare names of files.
    private func named(in line: Substring) -> [String] {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 && $0 < parts.count - 1 }.compactMap { index in
            let text = String(parts[index])
            let isPlain = text.allSatisfy { isNamePart($0) || "./-+".contains($0) }
            let isFirstColumn = index == 1 && parts[0].allSatisfy { "| ".contains($0) } && line.hasPrefix("|")
            let isFile = Documents.extensions.contains { text.hasSuffix($0) && text != $0 }
            let isPath = Documents.roots.contains { text.hasPrefix($0) }
            return isPlain && (isPath || isFirstColumn && isFile) ? text : nil
        }
    }

    /// Targets of links, but for those to other sites and to headings.
    private func linked(in line: Substring) -> [String] {
        line.ranges(of: "](").compactMap { range in
            let target = line[range.upperBound...].prefix { $0 != ")" && $0 != "#" && $0 != " " }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    private func isThere(_ path: String, from folder: String) -> Bool {
        exists(path) || exists(folder.isEmpty ? path : "\(folder)/\(path)")
    }
}
