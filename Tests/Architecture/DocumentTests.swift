import Testing

@Suite struct DocumentTests {
    private let repository = Repository.here

    @Test func `every service has the same folders, files and headings`() throws {
        let shape = ServiceShape(paths: repository.paths(), read: repository.text)
        #expect(shape.services == ["Invoicing", "Notification", "PaymentOrchestrator", "Reconciliation"])
        expectNone(try shape.breaches())
    }

    @Test func `a service of another shape is found`() throws {
        let files = [
            "README.md", "Main/main.swift", "Service/Configuration.swift", "Service/HTTP/openapi.json",
            "Domain/Rule.swift",
            "Service/Migrations/0001-tables.sql", "Service/Persistence/Store.swift",
        ]
        let one = files.map { "Services/One/\($0)" } + ["Services/One/Service/One.swift"]
        let two = files.dropLast().map { "Services/Two/\($0)" } + ["Services/Two/Service/Helpers/Two.swift"]
        let shape = ServiceShape(paths: one + two) {
            $0.contains("One") ? "# One\n## Runs\n## Rules\n" : "# Two\n## Rules\n"
        }
        #expect(
            try shape.breaches().map(\.description) == [
                "Services/Two: has no Service/Two.swift", "Services/Two: has nothing in Service/Persistence/",
                "Services/Two/Service/Helpers: is a folder the other services do not have",
                #"Services/Two/README.md: has the headings ["Rules"], Services/One/README.md has ["Runs", "Rules"]"#,
            ])
    }

    @Test func `pages name only what is there`() throws {
        let pages = repository.paths().filter { $0.hasSuffix(".md") }
        #expect(!pages.isEmpty)
        let documents = Documents(exists: repository.exists)
        expectNone(try pages.flatMap { documents.breaches(in: $0, try repository.text($0)) })
    }

    @Test(arguments: [
        ("See `Shared/Gone/Gone.swift`.", "Shared/Gone/Gone.swift"), ("| `gone.py` | does nothing |", "gone.py"),
        ("[here](../gone.md#part)", "../gone.md"), ("| `deploy/gone` | – |", "deploy/gone"),
    ])
    func `a planted path is found`(line: String, path: String) {
        let documents = Documents { $0 == "Shared/There.swift" || $0 == "deploy/there.py" }
        #expect(
            documents.breaches(in: "deploy/README.md", "# Page\n\(line)\n") == [
                Breach("deploy/README.md", line: 2, "names \(path), which is not there")
            ])
    }

    @Test(arguments: [
        "See `Shared/There.swift`.", "| `there.py` | is there |", "[site](https://example.com)", "[below](#part)",
        "`swift build`", "`org.quittance.x.v1`", "`Services/<name>/`", "| event | `gone.py` |",
    ])
    func `what is there or is no path is not found`(line: String) {
        let documents = Documents { $0 == "Shared/There.swift" || $0 == "deploy/there.py" }
        #expect(documents.breaches(in: "deploy/README.md", line) == [])
    }

    @Test func `NOT-7: the page has Kannel set up like the one that is tried, which cuts no long text short`() throws {
        let page = try repository.text("Services/Notification/README.md")
        let tried = try repository.text("Tests/Sandbox/Servers/kannel.py")
        for setting in ["group = sendsms-user", "max-messages = 20", "concatenation = true"] {
            #expect(page.contains("\n    \(setting)\n") && tried.contains("\n\(setting)\n"), "\(setting)")
        }
    }

    @Test func `migrations are numbered without gaps and all are applied`() throws {
        let manifest = try Manifest.here.get()
        let paths = repository.paths()
        let sources = try Repository.sources.get()
        let owners = manifest.targets.filter { $0.resources.contains { $0.path.hasSuffix("Migrations") } }
        #expect(owners.count == 5)
        for owner in owners {
            let folder = "\(owner.path)/Migrations"
            let files = paths.filter { $0.hasPrefix("\(folder)/") }.map { String($0.dropFirst(folder.count + 1)) }
            let code = sources.filter { $0.path.hasPrefix("\(owner.path)/") }
            expectNone(Migrations.breaches(in: folder, files: files, code: code))
        }
    }

    @Test func `a gap in the migrations, or one that is not applied, is found`() {
        let code = SourceFile(
            path: "A.swift", text: "let all = [PackageResources._001_tables_sql, PackageResources._003_more_sql]")
        let breaches = Migrations.breaches(
            in: "M", files: ["0001-tables.sql", "0003-more.sql", "0003-views.sql"], code: [code])
        #expect(
            breaches.map(\.description) == [
                "M/0003-more.sql: should be named 0002-….sql",
                "M/0003-views.sql: is in no list: PackageResources._003_views_sql is not used",
            ])
    }
}
