import HTTPServer
import PaymentModel
import Testing

/// Bodies that are read while they arrive.
@Suite struct `An upload` {
    private static func route(_ handle: @escaping Route.Handler) -> Route {
        Route(
            .post, "/v1/files", operation: "upload", access: .open(because: "it is a test"), idempotency: .required,
            bodyBytesMax: 100, readsUpload: true, handle)
    }

    private func call(
        _ pieces: [[UInt8]], key: String = "one", announcing length: Int? = nil, _ handle: @escaping Route.Handler
    ) async throws -> InProcessClient.Answer {
        var headers: Headers = ["Idempotency-Key": key]
        if let length { headers["Content-Length"] = "\(length)" } else { headers["Transfer-Encoding"] = "chunked" }
        let client = try await InProcessClient([Self.route(handle)])
        return try await client.call(
            IncomingRequest(
                method: "POST", target: "/v1/files", headers: headers,
                body: { _ in
                    Issue.record("the body was read as a whole")
                    return []
                }, pieces: { take in for piece in pieces { try await take(piece) } }))
    }

    @Test func `is handed over piece by piece, and its key is of all of it`() async throws {
        var keys: [[UInt8]] = []
        for pieces in [[[1], [2, 3]], [[1, 2], [3]], [[1, 2, 4]]] as [[[UInt8]]] {
            let answer = try await call(pieces) { request in
                var lengths: [Int] = []
                try await request.upload?.read { lengths.append($0.count) }
                #expect(request.upload?.bytesRead == 3)
                let print = request.idempotencyKey?.fingerprint ?? []
                return .text(.ok, "\(lengths) \(print)")
            }
            #expect(answer.status == 200 && answer.text.hasPrefix("\(pieces.map(\.count)) "))
            keys.append(Array(answer.text.drop { $0 != "]" }.utf8))
        }
        #expect(keys[0] == keys[1] && keys[0] != keys[2])
    }

    @Test func `that is refused in the middle is read to its end, so that the answer arrives`() async throws {
        let answer = try await call([[1], [2], [3]]) { request in
            var count = 0
            try await request.upload?.read { _ in
                count += 1
                guard count < 2 else { throw Problem(.conflict, detail: "after \(count)", remedy: "Wait.") }
            }
            return .text(.ok, "never")
        }
        #expect(answer.status == 409 && answer.text.contains("after 2"))
        #expect(answer.headers["Connection"] != "close")
    }

    @Test func `that is too large is refused, and the connection closed`() async throws {
        let answer = try await call([Array(repeating: 1, count: 60), Array(repeating: 1, count: 60)]) { request in
            try await request.upload?.read { _ in }
            return .text(.ok, "never")
        }
        #expect(answer.status == 413 && answer.headers["Connection"] == "close")
    }

    @Test func `that ends before its announced length was cut short`() async throws {
        for (length, status) in [(3, 200), (4, 408)] {
            let answer = try await call([[1], [2, 3]], announcing: length) { request in
                try await request.upload?.read { _ in }
                return .text(.ok, "whole")
            }
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func `that announces too much is refused before it is read`() async throws {
        let answer = try await call([[1]], announcing: 101) { _ in
            Issue.record("it was handled")
            return .text(.ok, "never")
        }
        #expect(answer.status == 413 && answer.headers["Connection"] == "close")
    }

    @Test func `needs a key where its route does`() async throws {
        let client = try await InProcessClient([Self.route { _ in .text(.ok, "never") }])
        let answer = try await client.call(.post, "/v1/files")
        #expect(answer.problem == "idempotency-key-missing")
    }
}
