/// A payment intent with its charge: what moves the money.
struct StripeIntent: Sendable {
    enum Status: String, Sendable {
        case requiresPaymentMethod = "requires_payment_method"
        case requiresAction = "requires_action"
        case processing, succeeded, canceled
    }

    let id: String
    let accountID: String
    let sessionID: String
    let created: Int64
    let amount: Int64
    let currency: String
    let metadata: JSON
    let captureMethod: String
    var status = Status.requiresPaymentMethod
    var declineCode: String?
    var chargeID: String?
    var chargedAt: Int64?
    var transactionID: String?
    var refunded: Int64 = 0
    var isDisputed = false

    var charge: JSON {
        guard let chargeID else { return .null }
        return [
            "id": .text(chargeID), "object": "charge", "amount": .integer(amount), "amount_captured": .integer(amount),
            "amount_refunded": .integer(refunded), "balance_transaction": .optional(transactionID), "captured": true,
            "created": .optional(chargedAt), "currency": .text(currency), "disputed": .bool(isDisputed),
            "livemode": false, "metadata": metadata, "paid": true, "payment_intent": .text(id),
            "payment_method_details": ["type": "card", "card": ["brand": "visa", "last4": "4242"]],
            "refunded": .bool(refunded == amount), "status": "succeeded",
        ]
    }

    var json: JSON {
        [
            "id": .text(id), "object": "payment_intent", "amount": .integer(amount), "amount_capturable": 0,
            "amount_received": .integer(status == .succeeded ? amount : 0), "capture_method": .text(captureMethod),
            "created": .integer(created), "currency": .text(currency), "last_payment_error": lastError,
            "latest_charge": .optional(chargeID), "livemode": false, "metadata": metadata,
            "payment_method_types": ["card"], "status": .text(status.rawValue),
        ]
    }

    /// Captured behind the answer, it has no balance transaction for the first moments.
    func isBooked(at now: Int64) -> Bool { captureMethod == "automatic" || now - (chargedAt ?? now) >= 10 }

    private var lastError: JSON {
        guard let declineCode else { return .null }
        return [
            "type": "card_error", "code": "card_declined", "decline_code": .text(declineCode),
            "message": "Your card was declined.",
        ]
    }
}

/// Money given back.
struct StripeRefund: Sendable {
    let id: String
    let intentID: String
    let chargeID: String
    let created: Int64
    let amount: Int64
    let currency: String
    let metadata: JSON
    var status: String
    var failureReason: String?
    var transactionID: String?

    var json: JSON {
        var json: JSON = [
            "id": .text(id), "object": "refund", "amount": .integer(amount),
            "balance_transaction": .optional(transactionID), "charge": .text(chargeID), "created": .integer(created),
            "currency": .text(currency), "metadata": metadata, "payment_intent": .text(intentID), "reason": .null,
            "status": .text(status),
        ]
        if let failureReason { json.set("failure_reason", to: .text(failureReason)) }
        return json
    }
}

/// A client's bank takes the money back, and somebody decides.
struct StripeDispute: Sendable {
    let id: String
    let intentID: String
    let chargeID: String
    let created: Int64
    let amount: Int64
    let currency: String
    let reason: String
    var status = "needs_response"

    var json: JSON {
        [
            "id": .text(id), "object": "dispute", "amount": .integer(amount), "charge": .text(chargeID),
            "created": .integer(created), "currency": .text(currency), "livemode": false, "metadata": [:],
            "payment_intent": .text(intentID), "reason": .text(reason), "status": .text(status),
            "evidence_details": ["due_by": .integer(created + 7 * 86_400), "has_evidence": false],
        ]
    }
}
