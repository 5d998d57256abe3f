import HTTPServer
import PaymentModel
import Testing

@Suite struct `Pages of a list` {
    let caller = Callers.principal()

    @Test func `follow one another by an opaque cursor`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let first = try await client.call(.get, "/v1/invoices?limit=2", as: caller)
        #expect(first.json["items"]?.elements?.count == 2)
        let next = try #require(first.json["next"]?.text)
        #expect(Cursor(next)?.keys == ["2", "x"])
        #expect(try await client.call(.get, "/v1/invoices?limit=3&after=\(next)", as: caller).json["next"] == nil)
    }

    @Test(arguments: [
        "limit=0", "limit=201", "limit=x", "limit=1.5", "after=abc", "after=", "limit=1&limit=2", "afte=x",
        "after=\(Cursor(["2026-11-21", "x"]).text)",
    ])
    func `are refused with the parameter's name`(query: String) async throws {
        let answer = try await InProcessClient(SampleRoutes.all).call(.get, "/v1/invoices?\(query)", as: caller)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "?" + query.prefix { $0 != "=" })
    }

    @Test func `go by their ids, and refuse a cursor of another list`() async throws {
        let list = Route(.get, "/v1/things", operation: "listThings", access: SampleRoutes.read) { request in
            let page = try request.readQuery { $0.page(by: InvoiceID.self) }
            let found = (1...5).reversed().map { InvoiceID(UInt128($0)) }.filter { $0 < page.before }
            return try .json(.ok, Page(Array(found.prefix(page.rows)), of: page) { $0 })
        }
        let client = try await InProcessClient([list])
        let first = try await client.call(.get, "/v1/things?limit=3", as: caller)
        #expect(first.json["items"]?.elements?.compactMap(\.text) == [5, 4, 3].map { InvoiceID($0).description })
        let next = try #require(first.json["next"]?.text)
        let second = try await client.call(.get, "/v1/things?limit=3&after=\(next)", as: caller)
        #expect(second.json["items"]?.elements?.count == 2 && second.json["next"] == nil)
        let foreign = Cursor(["2026-11-21"]).text
        let answer = try await client.call(.get, "/v1/things?after=\(foreign)", as: caller)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "?after")
    }

    @Test func `tell a damaged cursor from one of ours`() throws {
        let text = Cursor(["2026-11-21", "é", ""]).text
        #expect(Cursor(text)?.keys == ["2026-11-21", "é", ""])
        for index in text.indices {
            var damaged = text
            damaged.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(Cursor(damaged) == nil)
        }
        #expect(Cursor(text + "A") == nil && Cursor(String(text.dropLast())) == nil)
    }

    @Test func `carry any bytes in their cursor's letters`() {
        var randomness = SeededRandomness(seed: 5)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &randomness) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.encode(Array("hello".utf8)) == "aGVsbG8")
    }
}

@Suite struct `Changing what others may have changed` {
    func change(_ header: String?) async throws -> InProcessClient.Answer {
        let headers: Headers = header.map { ["If-Match": $0] } ?? [:]
        return try await InProcessClient(SampleRoutes.all).call(
            .put, "/v1/clinics/\(Callers.clinic)", as: Callers.principal(), headers: headers)
    }

    @Test func `needs the version that was read`() async throws {
        #expect(try await change(nil).status == 428)
        let done = try await change("\"v3\"")
        #expect(done.status == 204 && done.headers["ETag"] == "\"v4\"")
        #expect(try await change("W/\"v3\"").status == 204)
    }

    @Test(arguments: ["\"v2\"", "*", "v3", "\"abc\"", ""])
    func `is refused for any other`(header: String) async throws {
        #expect(try await change(header).status == 412)
    }
}
