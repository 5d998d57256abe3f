/// A request as the simulated APIs see it, free of the server library.
struct Call: Sendable {
    let method: String
    let path: String
    let parameters: [String: String]
    let query: [(name: String, value: String)]
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Whether the target or the body has this text.
    func contains(_ text: String) -> Bool {
        path.contains(text) || query.contains { $0.value.contains(text) }
            || String(decoding: body, as: UTF8.self).contains(text)
    }

    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The body as JSON; an empty one reads as an empty object.
    func json() throws -> JSON {
        guard !body.isEmpty else { return [:] }
        do throws(JSONMalformed) {
            return try JSON(reading: body)
        } catch {
            throw Refusal(Reply.json(["error": "the body is not JSON (byte \(error.offset))"], status: 400))
        }
    }
}

/// An answer, ready to be sent or to be spoilt by a fault.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static func json(_ value: JSON, status: Int = 200) -> Reply {
        Reply(status: status, headers: [("content-type", "application/json")], body: value.bytes)
    }

    static func html(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, headers: [("content-type", "text/html; charset=utf-8")], body: Array(text.utf8))
    }

    static func file(_ text: String, type: String) -> Reply {
        Reply(status: 200, headers: [("content-type", "\(type); charset=utf-8")], body: Array(text.utf8))
    }

    static func redirect(to location: String) -> Reply {
        Reply(status: 303, headers: [("location", location)])
    }

    static let noContent = Reply(status: 204)
}

/// A handler's way to say no from any depth; what it carries is the whole answer.
struct Refusal: Error {
    let reply: Reply

    init(_ reply: Reply) { self.reply = reply }

    /// The control API's own errors: one sentence that says what to do.
    static func control(_ sentence: String, status: Int = 400) -> Refusal {
        Refusal(.json(["error": .text(sentence)], status: status))
    }
}
