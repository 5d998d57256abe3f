package import Logging

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

/// Hands mails to one mail server, over connections that are kept.
package final class SMTPClient: Sendable {
    private let settings: SMTPSettings
    private let logger: Logger

    /// Connects to nothing yet.
    package init(_ settings: SMTPSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Hands one mail over, to all its recipients or to none.
    ///
    /// Returns the server's last reply, which usually names the mail in its queue.
    @discardableResult
    package func send(_ envelope: SMTPEnvelope, message: [UInt8]) async throws(SMTPError) -> String {
        throw .neverSent(.closed)
    }

    /// Takes no more mails, lets those in hand finish, and ends.
    package func close(within limit: Duration = .seconds(10)) async {}
}
