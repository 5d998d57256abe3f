import FoundationEssentials
import Observability
import PaymentModel

/// PayPal's notifications: its certificate signs id, time, our endpoint's id and a checksum of the raw body.
enum PayPalWebhook {
    /// Before a capture's name where an order's is expected.
    private static let capturePrefix = "capture-"
    /// The same for a capture somebody complains of.
    private static let disputedPrefix = "disputed-"
    /// The same for a capture of which a refund is told, whose name follows.
    private static let refundedPrefix = "refunded-"
    /// The same for a capture whose order is read as long as it is there, and whose name follows.
    private static let takenPrefix = "taken-"

    /// The parts of a transmission, all of which MUST be there.
    struct Transmission {
        let id: String
        let time: String
        let signature: Data
        let certificateURL: String

        init?(_ headers: [String: String]) {
            guard let id = headers["paypal-transmission-id"], let time = headers["paypal-transmission-time"],
                let text = headers["paypal-transmission-sig"], let signature = Data(base64Encoded: text),
                let certificateURL = headers["paypal-cert-url"],
                headers["paypal-auth-algo"] == "SHA256withRSA"
            else { return nil }
            (self.id, self.time, self.signature, self.certificateURL) = (id, time, signature, certificateURL)
        }

        /// What was signed; a bar in a part would let it be read as another one.
        func message(webhook: Secret, body: [UInt8]) -> [UInt8]? {
            guard !id.contains("|"), !time.contains("|") else { return nil }
            return Array("\(id)|\(time)|\(webhook.reveal())|\(Checksum.crc32(body))".utf8)
        }
    }

    /// What to read back after an event; `nil` when it is about no payment.
    static func reference(in body: [UInt8]) -> String? {
        // Signed but not an event we can read: nothing to look at, and nothing to have sent again.
        guard let event = try? JSONDecoder().decode(PayPalResponse.Event.self, from: Data(body)) else { return nil }
        let resource = event.resource
        if event.event_type.hasPrefix("CHECKOUT.ORDER.") { return resource.id }
        if event.event_type.hasPrefix("CUSTOMER.DISPUTE.") {
            return resource.disputed_transactions?.first?.seller_transaction_id.map(disputed)
        }
        guard event.event_type.hasPrefix("PAYMENT.") else { return nil }
        // A refund's event links up to its capture.
        let above = resource.links?.first { $0.rel == "up" }?.href.split(separator: "/").last.map(String.init)
        if event.resource_type == "refund", let above, let refund = resource.id { return refunded(above, by: refund) }
        if let order = resource.supplementary_data?.related_ids?.order_id {
            guard event.resource_type == "capture", let capture = resource.id else { return order }
            return taken(capture, of: order)
        }
        return (above ?? resource.id).map(captured)
    }

    /// A reference that means a capture.
    static func captured(_ capture: String) -> String { capturePrefix + capture }

    /// A reference that means a capture somebody complains of.
    static func disputed(_ capture: String) -> String { disputedPrefix + capture }

    /// A reference that means a capture and what went back of it, which nothing else names once the order is gone.
    static func refunded(_ capture: String, by refund: String) -> String {
        // A name that could not be told from the other's is left out.
        refund.contains("-") ? captured(capture) : "\(refundedPrefix)\(refund)-\(capture)"
    }

    /// A reference that means an order, and its capture once the order is gone.
    private static func taken(_ capture: String, of order: String) -> String {
        capture.contains("-") ? order : "\(takenPrefix)\(capture)-\(order)"
    }

    /// The capture a reference means, if it means one.
    static func capture(in reference: String) -> NamedCapture? {
        if reference.hasPrefix(capturePrefix) {
            return NamedCapture(id: String(reference.dropFirst(capturePrefix.count)))
        }
        if reference.hasPrefix(disputedPrefix) {
            return NamedCapture(id: String(reference.dropFirst(disputedPrefix.count)), isDisputed: true)
        }
        if let (refund, capture) = names(in: reference, after: refundedPrefix) {
            return NamedCapture(id: capture, refunds: [refund])
        }
        return names(in: reference, after: takenPrefix).map { NamedCapture(id: $0.0, order: $0.1) }
    }

    private static func names(in reference: String, after prefix: String) -> (String, String)? {
        guard reference.hasPrefix(prefix) else { return nil }
        let names = reference.dropFirst(prefix.count).split(separator: "-", maxSplits: 1).map(String.init)
        return names.count == 2 ? (names[0], names[1]) : nil
    }
}

/// What a reference says that means a capture.
struct NamedCapture {
    let id: String
    /// Whether somebody complains of it.
    var isDisputed = false
    /// What is told to have gone back of it.
    var refunds: [String] = []
    /// Its order, which says more as long as it is there.
    var order: String?
}

/// CRC-32 as in ZIP files.
enum Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }
}
