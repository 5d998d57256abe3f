import PaymentModel

/// The version of a thing as HTTP knows it, so that nobody overwrites what they have not seen.
package struct EntityTag: Hashable, Sendable {
    /// The version it stands for.
    package let version: Int64

    /// The tag of a version.
    package init(version: Int64) { self.version = version }

    /// The tag as a header carries it.
    package var text: String { "\"v\(version)\"" }

    /// Reads a tag of ours; a weak one is as good, since equal versions are equal answers.
    init?(_ text: some StringProtocol) {
        let strong = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        guard strong.hasPrefix("\"v"), strong.hasSuffix("\""), let version = Int64(strong.dropFirst(2).dropLast())
        else { return nil }
        self.init(version: version)
    }
}

extension Response {
    /// The answer with the tag of the version it shows.
    package func tagged(_ version: Int64) -> Response { with("ETag", EntityTag(version: version).text) }
}

extension Request {
    /// The version the caller has seen and wants to change.
    package func versionToMatch() throws(Problem) -> Int64 {
        guard let header = headers["If-Match"] else {
            throw Problem(
                .preconditionRequired, detail: "This operation changes something others may have changed.",
                remedy: "Send If-Match with the ETag of the version you have read.")
        }
        guard let tag = EntityTag(header) else {
            throw Problem(
                .changedSince, detail: "If-Match is not a tag this operation gave out.",
                remedy: "Read it again and send its ETag.")
        }
        return tag.version
    }

    /// Refuses to change anything but the version the caller has seen.
    package func requireMatch(_ current: Int64) throws(Problem) {
        guard try versionToMatch() == current else {
            throw Problem(
                .changedSince, detail: "It is at version \(current) by now.",
                remedy: "Read it again, decide again and send the new ETag.",
                headers: ["ETag": EntityTag(version: current).text])
        }
    }

    /// Whether the caller's copy is current, so that nothing need be sent.
    package func hasCurrent(_ version: Int64) -> Bool {
        guard let header = headers["If-None-Match"] else { return false }
        return header.split(separator: ",").contains { part in
            EntityTag(part.drop { $0 == " " })?.version == version
        }
    }
}
