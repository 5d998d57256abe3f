import Logging
import Metrics
import Observability

/// Tells operations of what people wrote back and nobody heard: it may be a STOP (NOT-9).
struct UnheardReplies: Sendable {
    private static let label = "quittance_gateway_replies_unheard"

    /// Why it was not heard.
    enum Reason: String, CaseIterable {
        /// The gateway that keeps it did not say it.
        case noAnswer = "no-answer"
        /// Nobody can read whose number it is of.
        case unreadable
        /// No organisation wrote to that number.
        case stranger
    }

    let logger: Logger

    /// Has the series of these gateways begin at nothing: an alert sees no growth where the first value is a count.
    func begin(_ gateways: [String]) {
        for gateway in gateways {
            for reason in Reason.allCases { count(0, reason, of: gateway) }
        }
    }

    /// `words` say what happened; never with anything personal.
    func tell(_ reason: Reason, of gateway: String, _ words: String, times count: Int = 1) {
        self.count(count, reason, of: gateway)
        logger.warning(
            "what people wrote back was not heard",
            metadata: [LogField.host: "\(gateway)", LogField.reason: "\(words)"])
    }

    private func count(_ count: Int, _ reason: Reason, of gateway: String) {
        Counter(label: Self.label, dimensions: [("gateway", gateway), ("reason", reason.rawValue)])
            .increment(by: count)
    }
}
