import Testing

@Suite struct FeatureTests {
    /// What is found in a file of these lines.
    private func breaches(_ lines: [String], in path: String = "Tests/Unit/A.swift") -> [String] {
        Features(counts: ["INV": 3, "OPS": 1], untested: ["OPS-1": "wants an engine"])
            .breaches(in: [SourceFile(path: path, text: lines.joined(separator: "\n"))]).map(\.description)
    }

    @Test func `every feature is named by a test, and no test names one there is not`() throws {
        expectNone(try Features.promised.breaches(in: Repository.sources.get()))
    }

    @Test func `a feature without a test, one nobody promised, and one built in silence are found`() {
        let suite = "@Suite struct `INV-3: an invoice` {"
        let test = "    @Test func `INV-1, C-08: adds up (INV-2), UTF-8 too`() {}"
        #expect(breaches([suite, test]) == [])
        #expect(breaches([suite]) == ["Tests: no test has INV-1 in its name", "Tests: no test has INV-2 in its name"])
        #expect(
            breaches([suite, test, "func `INV-4 is none`() {}"]) == [
                "Tests/Unit/A.swift:3: names INV-4, which is no feature"
            ])
        #expect(
            breaches([suite, test, "@Test func `OPS-1: starts`() {}"]) == [
                "Tests: OPS-1 is said to have no test and has one"
            ])
        // What is said elsewhere names no test.
        let said = ["/// INV-1", "let a = \"`INV-2`\"", "// func `INV-3`"]
        #expect(breaches(said).count == 3)
        #expect(breaches([suite, test], in: "Services/Invoicing/Domain/A.swift").count == 3)
    }
}
