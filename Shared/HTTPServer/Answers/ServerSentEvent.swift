/// One event of a live stream, as browsers read them.
package struct ServerSentEvent: Sendable, Hashable {
    /// Where a reader that comes back goes on (`Last-Event-ID`).
    package let id: String?

    /// Name of the event; readers that give none get `message`.
    package let name: String?

    /// What it says, usually JSON.
    package let data: String

    /// An event.
    package init(id: String? = nil, name: String? = nil, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }

    /// The event on the wire; a line break inside would end a field, so each line of data is a field of its own.
    var bytes: [UInt8] {
        var text = ""
        if let id { text.append("id: \(Self.oneLine(id))\n") }
        if let name { text.append("event: \(Self.oneLine(name))\n") }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text.append("data: \(line)\n")
        }
        text.append("\n")
        return Array(text.utf8)
    }

    /// A comment: keeps proxies from closing a quiet connection and finds out that the reader has left.
    static let heartbeat = Array(": still here\n\n".utf8)

    private static func oneLine(_ text: String) -> String { text.filter { !$0.isNewline && $0 != "\0" } }
}
