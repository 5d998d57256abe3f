import FoundationEssentials
import Observability
import PaymentModel

/// Stripe's notifications: `t=…,v1=…` signs the time and the raw body with the endpoint's secret.
enum StripeWebhook {
    static let header = "stripe-signature"
    static let secretPrefix = "whsec_"
    /// While a secret is replaced there are two signatures; more are not looked at.
    private static let signaturesMax = 8

    /// Whether it is the endpoint's and not an old one sent again.
    static func isGenuine(_ notification: ProviderNotification, key: Secret, tolerance: Duration) -> Bool {
        guard let header = notification.headers[header] else { return false }
        let parts = header.split(separator: ",").prefix(signaturesMax)
        guard let time = parts.first(where: { $0.hasPrefix("t=") })?.dropFirst(2), let seconds = Int64(time) else {
            return false
        }
        let age = notification.receivedAt - Instant(secondsSince1970: seconds)
        guard age <= tolerance, .zero - age <= tolerance else { return false }
        let message = Array("\(time).".utf8) + notification.body
        return parts.filter { $0.hasPrefix("v1=") }.contains {
            KeyedSignature.isGenuine($0.dropFirst(3), of: message, key: key)
        }
    }

    /// The session or the payment intent an event is about; `nil` for all other events.
    static func reference(in body: [UInt8], mode: ProviderMode) -> String? {
        // Signed but not an event we can read: nothing to look at, and nothing to have sent again.
        guard let event = try? JSONDecoder().decode(StripeResponse.Event.self, from: Data(body)),
            (event.livemode ?? false) == (mode == .live)
        else { return nil }
        let subject = event.data.object
        switch subject.object {
        case "checkout.session", "payment_intent": return subject.id
        case "charge", "refund", "dispute": return subject.payment_intent?.id
        default: return nil
        }
    }
}
