package import Logging
package import Metrics

/// Hands mails to one mail server, over connections that are kept, from one thread of its own.
package final class SMTPClient: Sendable {
    private let settings: SMTPSettings
    private let loop: TransferLoop
    private let meter: TransferMeter

    /// Starts the client's thread; connects to nothing yet.
    package init(_ settings: SMTPSettings, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory) {
        self.settings = settings
        loop = TransferLoop(TransferSettings(settings))
        meter = TransferMeter(label: "quittance_smtp_client_mail_seconds", logger: logger, factory: metrics)
    }

    deinit { loop.stop(within: .zero) }

    /// Hands one mail over, to all its recipients or to none.
    ///
    /// Returns the server's last reply, which usually names the mail in its queue. Cancelling the task ends the
    /// transfer.
    @discardableResult
    package func send(_ envelope: SMTPEnvelope, message: [UInt8]) async throws(SMTPError) -> String {
        let plan = try settings.plan(envelope, message)
        let start = ContinuousClock.now
        let result = await loop.run(plan)
        do throws(SMTPError) {
            let reply = try result.reply()
            meter.record(host: settings.host, outcome: "accepted", since: start)
            return reply
        } catch {
            meter.record(host: settings.host, outcome: error.kind, since: start)
            throw error
        }
    }

    /// Takes no more mails, lets those on the wire finish within the limit, and ends.
    package func close(within limit: Duration = .seconds(10)) async {
        await loop.close(within: limit)
    }
}

extension SMTPError {
    fileprivate var kind: String {
        switch self {
        case .refused(_, _, let permanent): permanent ? "refused" : "refused-for-now"
        case .neverSent: "never-sent"
        case .outcomeUnknown: "outcome-unknown"
        case .invalidAddress, .invalidMessage: "invalid"
        }
    }
}
