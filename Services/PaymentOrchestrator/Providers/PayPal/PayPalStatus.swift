import PaymentModel
import PaymentOrchestratorDomain

extension PayPalResponse.Order {
    var unit: PayPalResponse.Unit? { purchase_units?.first }

    /// Where the client agrees; PayPal calls the link by one name or the other.
    var payURL: String? { links?.first { $0.rel == "payer-action" || $0.rel == "approve" }?.href }

    /// Whether it says of itself that it is not to be captured.
    var isCalledOff: Bool { unit?.custom_id?.hasPrefix(PayPalRequest.calledOffMark) == true }

    /// Whether the client agreed and PayPal waits for our word.
    var waitsForOurWord: Bool { status == "APPROVED" && !isCalledOff }

    /// The one capture that counts: one that took money before one that did not.
    var capture: PayPalResponse.Capture? {
        let captures = unit?.payments?.captures ?? []
        return captures.first { $0.reportedStatus == .paid } ?? captures.last
    }

    /// PayPal's states in our words; one that is not listed here is pending.
    var reportedStatus: ProviderReport.Status {
        switch status {
        case "COMPLETED": capture?.reportedStatus ?? .pending
        case "VOIDED": .cancelled
        case "CREATED", "SAVED", "APPROVED", "PAYER_ACTION_REQUIRED": isCalledOff ? .cancelled : .pending
        default: .pending
        }
    }
}

extension PayPalResponse.Unit {
    var attempt: AttemptID? {
        custom_id.flatMap { text in
            let mark = PayPalRequest.calledOffMark
            return AttemptID(text.hasPrefix(mark) ? String(text.dropFirst(mark.count)) : text)
        }
    }
}

extension PayPalResponse.Capture {
    /// What was given back does not unmake the payment.
    var reportedStatus: ProviderReport.Status {
        switch status {
        case "COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED": .paid
        case "DECLINED", "FAILED": .refused("the capture was \(status == "FAILED" ? "failed" : "declined")")
        default: .pending
        }
    }

    var takenAt: Instant? { create_time.flatMap { Instant($0) } }

    /// PayPal's fees bear no VAT of their own line.
    var fee: ProviderFee? {
        guard let taken = seller_receivable_breakdown?.paypal_fee?.money, taken.currency == amount.money.currency else {
            return nil
        }
        return ProviderFee(net: taken, vat: .zero(taken.currency))
    }
}

extension PayPalResponse.Refund {
    var refund: RefundID? { custom_id.flatMap { RefundID($0) } }

    /// What has gone back, and what never will; what may still do either is not listed.
    var reported: ReportedRefund? {
        switch status {
        case "COMPLETED": ReportedRefund(id: refund, reference: id, amount: amount.money, madeAt: madeAt)
        case "FAILED", "CANCELLED":
            ReportedRefund(
                id: refund, reference: id, amount: amount.money, failure: status?.lowercased() ?? "failed",
                madeAt: madeAt)
        default: nil
        }
    }

    /// What may still go back; a status that is not listed here is one of these.
    var pending: PendingRefund? { reported == nil ? PendingRefund(id: refund, reference: id) : nil }

    private var madeAt: Instant? { create_time.flatMap { Instant($0) } }

    /// A status that is not listed here is pending.
    var outcome: RefundOutcome {
        switch status {
        case "COMPLETED": .completed(reference: id, schedule: [])
        case "FAILED", "CANCELLED": .refused(status?.lowercased() ?? "failed")
        default: .pending(reference: id)
        }
    }
}

extension PayPalResponse.Dispute {
    /// An outcome that is not listed here is not decided.
    var reported: PaymentOrchestratorDomain.Dispute {
        let state: PaymentOrchestratorDomain.Dispute.State =
            switch (status, dispute_outcome?.outcome_code) {
            case ("RESOLVED", "RESOLVED_BUYER_FAVOUR"), ("RESOLVED", "ACCEPTED"): .lost
            case ("RESOLVED", "RESOLVED_SELLER_FAVOUR"), ("RESOLVED", "CANCELED_BY_BUYER"), ("RESOLVED", "DENIED"): .won
            // PayPal pays the client itself.
            case ("RESOLVED", "RESOLVED_WITH_PAYOUT"): .won
            default: .open
            }
        return PaymentOrchestratorDomain.Dispute(
            reference: dispute_id, amount: dispute_amount.money, reason: reason ?? "none given", state: state,
            chargedBack: state == .lost ? dispute_outcome?.amount_refunded?.money : nil,
            respondBy: seller_response_due_date.flatMap { Instant($0) })
    }
}
