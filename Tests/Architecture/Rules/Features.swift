/// Every feature that is promised has its id in the name of a test or a suite, and no name has an id that is none.
struct Features {
    /// How many each part has; their numbers begin at one.
    let counts: [String: Int]
    /// Those without a test here, and why.
    let untested: [String: String]

    static let promised = Features(
        counts: ["GEN": 7, "INV": 15, "PAY": 16, "NOT": 11, "REC": 10, "EVT": 6, "OPS": 6],
        untested: [
            "GEN-3": "the pages of the company come with the console",
            "OPS-1": "containers want an engine: deploy/containers/check is run by hand; what needs none of it is in "
                + "ContainerTests.swift and ProxyTests.swift",
        ])

    func breaches(in sources: [SourceFile]) -> [Breach] {
        let all = Set(counts.flatMap { part, count in (1...count).map { "\(part)-\($0)" } })
        let found = sources.filter { $0.path.hasPrefix("Tests/") }.flatMap(named)
        let unknown = found.filter { !all.contains($0.id) }.map {
            Breach($0.path, line: $0.line, "names \($0.id), which is no feature")
        }
        let tested = Set(found.map(\.id))
        let missing = all.subtracting(tested).subtracting(untested.keys).sorted().map {
            Breach("Tests", "no test has \($0) in its name")
        }
        let built = tested.intersection(untested.keys).sorted().map {
            Breach("Tests", "\($0) is said to have no test and has one")
        }
        return unknown + missing + built
    }

    private typealias Mention = (path: String, line: Int, id: String)

    /// The ids in the names of tests and suites, which are sentences between backticks.
    private func named(in source: SourceFile) -> [Mention] {
        source.lines.enumerated().flatMap { index, line -> [Mention] in
            guard line.utf8.contains(UInt8(ascii: "`")),
                ["func ", "struct "].contains(where: { source.code[index].contains($0) })
            else { return [] }
            let parts = line.split(separator: "`", omittingEmptySubsequences: false)
            return ids(in: parts[1]).map { (source.path, index + 1, $0) }
        }
    }

    private func ids(in name: Substring) -> [String] {
        name.matches(of: /\b([A-Z]+)-[0-9]+\b/).filter { counts[String($0.1)] != nil }.map { String($0.0) }
    }
}
