/// Who sends a mail and who receives it, as the servers see it.
package struct SMTPEnvelope: Sendable, Hashable {
    /// Where bounces go.
    package var from: String
    /// Everyone who receives it.
    package var to: [String]

    /// An envelope with its addresses, checked when it is sent.
    package init(from: String, to: [String]) {
        self.from = from
        self.to = to
    }
}

extension SMTPEnvelope: CustomStringConvertible, CustomDebugStringConvertible {
    /// How many receive it: addresses are somebody's data.
    package var description: String { "envelope to \(to.count)" }

    /// How many receive it.
    package var debugDescription: String { description }
}

extension SMTPSettings {
    private static let recipientsMax = 100

    /// The mail as the loop needs it, or why it may not be sent.
    func plan(_ envelope: SMTPEnvelope, _ message: [UInt8]) throws(SMTPError) -> TransferPlan {
        if problem != nil { throw .neverSent(.settingsRefused) }
        guard (1...Self.recipientsMax).contains(envelope.to.count),
            ([envelope.from] + envelope.to).allSatisfy(MailAddress.isValid)
        else { throw .invalidAddress }
        guard message.count <= messageBytesMax, LineEnds.areAllPairs(message) else { throw .invalidMessage }
        return TransferPlan(
            kind: .mail(from: envelope.from, to: envelope.to), url: url, body: message,
            connectTimeout: connectTimeout, totalTimeout: totalTimeout, answerBytesMax: 0)
    }

    /// libcurl takes the name we greet with from the path.
    private var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)/\(clientName)" }

    /// Why the settings cannot be used, as a sentence for whoever wrote them; `nil` if they can.
    package var problem: String? {
        if !MailAddress.isHostName(host) { return "the mail server's name is not a host name" }
        if !(1...65_535).contains(port) { return "the mail server's port is not between 1 and 65535" }
        if !MailAddress.isHostName(clientName) { return "the name to greet the mail server with is not a host name" }
        let isSecret = security == .tls || security == .startTLS
        let isLocal = host == "localhost" || host.hasPrefix("127.")
        return login == nil || isSecret || isLocal
            ? nil : "a password for the mail server needs TLS: choose \(Security.startTLS.rawValue) or tls"
    }
}

/// Which addresses may stand in an envelope or a header.
///
/// Narrower than the standards: whatever could end an address or a command early is out.
enum MailAddress {
    static func isValid(_ address: String) -> Bool {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && address.utf8.count <= 254 && isLocalPart(parts[0]) && isHostName(String(parts[1]))
    }

    private static func isLocalPart(_ text: Substring) -> Bool {
        let rest = text.filter { $0 != "/" && $0 != "=" }
        return (1...64).contains(text.utf8.count) && !text.hasPrefix("-") && HeaderRules.isToken(rest)
    }

    static func isHostName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253 && !text.hasPrefix("-") && !text.hasPrefix(".")
            && text.utf8.allSatisfy { HeaderRules.isLetterOrDigit($0) || "-._".utf8.contains($0) }
    }
}

/// Line ends of a message.
enum LineEnds {
    /// Whether every CR is followed by LF and every LF preceded by CR.
    ///
    /// Servers disagree about bare ones, and one message could be read as two.
    static func areAllPairs(_ bytes: [UInt8]) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if (previous == UInt8(ascii: "\r")) != (byte == UInt8(ascii: "\n")) { return false }
            previous = byte
        }
        return previous != UInt8(ascii: "\r")
    }
}
