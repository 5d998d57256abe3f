/// An address that takes any request and remembers it, so that a test can see what the sandbox or the system sends.
struct Sink: Sendable {
    static let receivedMax = 10_000

    private var received: [String: [JSON]] = [:]
    private var answers: [String: [Int]] = [:]

    /// Notes the call and answers the next planted status, or 200.
    mutating func take(_ call: Call, into name: String, at now: Int64) -> Int {
        let seen: JSON = [
            "at": .integer(now), "method": .text(call.method), "path": .text(call.path),
            "query": .object(call.query.map { JSON.Member(key: $0.name, value: .text($0.value)) }),
            "headers": .object(call.headers.map { JSON.Member(key: $0.name.lowercased(), value: .text($0.value)) }),
            "body": .text(String(decoding: call.body, as: UTF8.self)),
        ]
        if received[name, default: []].count < Self.receivedMax { received[name, default: []].append(seen) }
        guard let planted = answers[name], let first = planted.first else { return 200 }
        answers[name] = Array(planted.dropFirst())
        return first
    }

    func seen(_ name: String) -> JSON { .list(received[name] ?? []) }

    mutating func plant(_ statuses: [Int], for name: String) { answers[name] = statuses }
}
