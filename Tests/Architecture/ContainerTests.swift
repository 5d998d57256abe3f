import Testing

/// What `docker-compose up --scale` counts on (OPS-1).
@Suite struct ContainerTests {
    private let repository = Repository.here

    @Test func `no service owns what a second container of it would want too`() throws {
        let text = try repository.text("docker-compose.yml")
        let known = try services().map { $0.name } + ["notification-worker", "proxy", "x-service"]
        #expect(Containers.owners(in: text).isSuperset(of: known))
        expectNone(Containers.breaches(in: "docker-compose.yml", text))
    }

    @Test(arguments: [
        (["services:", "  invoicing:", "    ports: [\"127.0.0.1:8101:8080\"]"], "invoicing", "ports"),
        (["services:", "  a:", "    image: a", "", "  b:", "    # why", "    hostname: b"], "b", "hostname"),
        (["x-all: &all", "  volumes: [\"data:/data\"]", "services:", "  a: *all"], "x-all", "volumes"),
    ])
    func `a service that owns such a thing is found`(lines: [String], owner: String, key: String) {
        let line = lines.firstIndex { $0.contains("\(key):") }.map { $0 + 1 }
        #expect(
            Containers.breaches(in: "compose.yml", lines.joined(separator: "\n")) == [
                Breach("compose.yml", line: line, "\(owner) could have no second container, for it has \(key)")
            ])
    }

    @Test func `what there is one of may own what it needs, and so may the whole`() {
        let lines = [
            "services:", "  proxy:", "    ports: [\"127.0.0.1:8101:8101\"]", "  kafka:", "    volumes: [\"k:/k\"]",
            "  invoicing:", "    expose: [8080]", "volumes:", "  k: {}",
        ]
        #expect(Containers.breaches(in: "compose.yml", lines.joined(separator: "\n")) == [])
    }

    @Test func `C-13: the page for operations says how to start more workers, and what so many of them made`() throws {
        let page = try repository.text("deploy/README.md")
        #expect(page.contains("docker-compose up -d --scale notification-worker=4"))
        #expect(page.contains("deploy/local/benchmark workers"))
        // Workers, messages a second, share of so many times one.
        let curve = page.matches(of: /\n\| (\d+) \| (\d+) \| (\d\.\d\d) \|/).map { String($0.1) }
        #expect(curve == ["1", "2", "4", "8"])
    }

    @Test func `every secret a program is told of is there and handed to its container`() throws {
        let compose = try repository.text("docker-compose.yml")
        let named = Set(compose.matches(of: /_FILE: \/run\/secrets\/(\w+)/).map { String($0.1) })
        #expect(named.isSuperset(of: ["sms_token", "sms_receipts", "sealing_keys"]))
        for name in named.sorted() {
            #expect(compose.contains("\n  \(name): { file: ./.local/secrets/\(name) }\n"), "\(name) is not there")
            let lists = compose.split(separator: "\n").filter { line in
                line.contains("- \(name)") || line.split { "[], ".contains($0) }.contains(name[...])
            }
            #expect(!lists.isEmpty, "\(name) is handed to nobody")
        }
    }

    @Test func `the proxy owns every service's port and knows whose it is`() throws {
        let proxy = try repository.text("deploy/containers/proxy.conf").split(separator: "\n").map {
            $0.drop { $0 == " " }
        }
        let compose = try repository.text("docker-compose.yml").split(separator: "\n")
        let services = try services()
        #expect(services.count == 4)
        #expect(proxy.count { $0.hasPrefix("listen ") } == services.count)
        #expect(compose.count { $0.hasPrefix("      - \"127.0.0.1:") } == services.count)
        for (name, port) in services {
            let published = ["  \(name):", "      - \"127.0.0.1:\(port):\(port)\" # \(name)"]
            #expect(published.filter { !compose.contains($0[...]) } == [])
            #expect(["listen \(port);", "\(port) \(name);"].filter { !proxy.contains($0[...]) } == [])
            #expect(!compose.contains { $0.contains("http://\(name):") }, "\(name) is asked past the proxy")
        }
    }

    /// The services, each with the port that its own page names.
    private func services() throws -> [(name: String, port: String)] {
        try repository.paths().filter { $0.wholeMatch(of: /Services\/(\w+)\/Service\/\1\.swift/) != nil }.map { path in
            let text = try repository.text(path)
            let name = try #require(text.firstMatch(of: /static let name = "([a-z-]+)"/))
            let port = try #require(text.firstMatch(of: /static let port = (\d+)/))
            return (String(name.1), String(port.1))
        }
    }
}
