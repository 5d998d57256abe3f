import Testing

@Suite struct TidyTests {
    private func source(_ text: String, _ path: String = "Shared/Thing/Thing.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    // MARK: Limits

    @Test func `files, functions and lines keep their limits`() throws {
        expectNone(try Repository.sources.get().flatMap(Limits.breaches))
    }

    @Test func `what is too long is found`() {
        let line = "let a = \(String(repeating: "1", count: 113))"
        #expect(
            Limits.breaches(in: source("\n" + line)) == [
                Breach("Shared/Thing/Thing.swift", line: 2, "has 121 characters")
            ])
        let file = String(repeating: "// why\n", count: 401)
        #expect(Limits.breaches(in: source(file)).map(\.text) == ["has 401 lines"])
        #expect(Limits.breaches(in: source(String(file.dropLast(7)))).isEmpty)
    }

    @Test(arguments: [
        "func long(\n    _ a: Int\n) -> Int\nwhere A: B {", "package init?() {", "deinit {",
        "subscript(a: Int) -> Int {",
        "var long: Int {", "@Test func `is long`() async throws {",
    ])
    func `a function that is too long is found`(head: String) {
        let body = { (count: Int) in String(repeating: "\n    print(\"}\") // }", count: count) }
        let lines = head.split(separator: "\n").count
        #expect(Limits.breaches(in: source(head + body(59 - lines) + "\n}")).isEmpty)
        #expect(
            Limits.breaches(in: source(head + body(60 - lines) + "\n}")).map(\.text) == ["is a function of 61 lines"])
    }

    @Test func `declarations without a body and calls are no functions`() {
        let text =
            "protocol P {\n    func a() -> Int\n    var b: Int { get }\n}\nlet c = Thing.init(a: 1)\nvar d = { 1 }()"
        #expect(FunctionScanner.functions(in: source(text)) == [.init(line: 3, length: 1)])
    }

    @Test func `only code counts, not what is said in it`() {
        let text =
            "let a = \"try! \\(b[\"x!\"]) // no\" /* as! /* x! */ */ // y!\nlet c = #\"\"\"\n    try! \"\n    \"\"\"#"
        #expect(source(text).code.map { $0.replacing(" ", with: "") } == ["leta=", "letc=", "", ""])
    }

    // MARK: Constructs

    @Test func `no source uses what is banned`() throws {
        expectNone(try Repository.sources.get().flatMap(Constructs.breaches))
    }

    @Test(arguments: [
        ("final class A: @unchecked Sendable {}", "@unchecked Sendable"),
        ("nonisolated(unsafe) var a = 1", "nonisolated(unsafe)"),
        ("@preconcurrency import A", "@preconcurrency"), ("@_exported import A", "@_exported"),
        ("@testable import A", "@testable"),
        ("let a = try! b()", "try!"), ("let a = b as! C", "as!"), ("import XCTest", "XCTest"),
        ("public struct A {}", "public"),
        ("let a = Date()", "Date()"), ("let a = Date.now", "Date.now"), ("let a = UUID()", "UUID()"),
        ("a(b!)", "force unwrap"),
        ("let a = b()!.c", "force unwrap"), ("let a = b[0]!", "force unwrap"),
        ("// TO" + "DO: later", "an open task"), ("let a = 1 // FIX" + "ME", "an open task"),
    ])
    func `a planted construct is found`(line: String, finding: String) {
        let breaches = Constructs.breaches(in: source(line))
        #expect(breaches.count == 1)
        #expect(breaches.first?.text.hasPrefix(finding) == true, "\(breaches)")
    }

    @Test(arguments: [
        "if a != b {}", "let a = !b", "// TO" + "DO(#42): later", "let published = 1", "let lastUpdate()", "retry!=1",
        "let text = \"try! as! Date()\"",
    ])
    func `what only looks like it is not found`(line: String) {
        #expect(Constructs.breaches(in: source(line)) == [])
    }

    @Test func `a face of a C library may say unchecked, with its proof above it`() {
        let line = "final class Handle: @unchecked Sendable {}"
        #expect(
            Constructs.breaches(in: source("// Freed once.\n@safe\n" + line, "Shared/KafkaClient/Handle.swift")) == [])
        #expect(Constructs.breaches(in: source("\n" + line, "Shared/KafkaClient/Handle.swift")).count == 1)
        #expect(Constructs.breaches(in: source("// Freed once.\n" + line, "Shared/HTTPServer/Handle.swift")).count == 1)
    }

    @Test(arguments: ["func a() async {}", "Task {}", "let a = Int.random(in: 0...1)", "await a()", "print(1)"])
    func `a planted impurity is found in a rule and in no other place`(line: String) {
        #expect(Constructs.breaches(in: source(line, "Services/Invoicing/Domain/A.swift")).count == 1)
        #expect(Constructs.breaches(in: source(line, "Shared/PaymentModel/A.swift")).count == 1)
        #expect(Constructs.breaches(in: source(line, "Services/Invoicing/Service/Jobs/A.swift")) == [])
    }

    // MARK: Names

    @Test func `files are named after what is in them, tests after what they show`() throws {
        let sources = try Repository.sources.get()
        expectNone(sources.flatMap(Names.breaches) + sources.flatMap(TestNames.breaches))
    }

    @Test func `a planted name is found`() {
        #expect(
            Names.breaches(in: source("struct Other {}", "Shared/Thing/Part.swift")).map(\.text) == [
                "is named after none of what it declares: Other"
            ])
        #expect(Names.breaches(in: source("struct ThingPart {}", "Shared/Thing/Things.swift")) == [])
        #expect(Names.breaches(in: source("struct Other {}\nextension Sum {}")) == [])
        #expect(Names.breaches(in: source("extension Other {}")) == [])
        #expect(Names.breaches(in: source("package final class Thing {}", "Shared/Thing/Thing+More.swift")) == [])
        let wordless = "@Test func testThing() {}"
        #expect(TestNames.breaches(in: source(wordless, "Tests/Unit/A.swift")).map(\.line) == [1])
        #expect(
            TestNames.breaches(in: source("@Test(arguments: [1])\nfunc thing(a: Int) {}", "Tests/Unit/A.swift")).map(
                \.line) == [2])
        #expect(
            TestNames.breaches(in: source("@Test func `is a thing`() {}\n\nfunc helper() {}", "Tests/Unit/A.swift"))
                == [])
    }

    @Test func `the formatter has nothing to say`() throws {
        let lint = try Command.run([
            "swift", "format", "lint", "--strict", "-r", "Package.swift", "Shared", "Services", "Tests",
        ])
        #expect(lint.status == 0, "\(lint.errors.prefix(4_000))")
        let planted = try Command.run(["sh", "-c", "printf 'let a = b!;\\n' | swift format lint --strict -"])
        #expect(planted.status != 0)
    }
}
