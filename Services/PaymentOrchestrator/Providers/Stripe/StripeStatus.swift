import PaymentModel
import PaymentOrchestratorDomain

extension StripeResponse.Session {
    var amount: Money { Money(amount_total.minorUnits, currency.currency) }

    /// Where our name for the try stands.
    var names: [String] { [metadata?.attempt, client_reference_id].compactMap(\.self) }

    var attempt: AttemptID? { names.first.flatMap { AttemptID($0) } }

    /// Stripe's states in our words, with what became of its money; one that is not listed here is pending.
    func status(_ money: ProviderReport.Status?, at now: Instant) -> ProviderReport.Status {
        switch status {
        // Stripe has one word for ended by us and ran out; only the first happens before its time.
        case "expired":
            let ranOut = expires_at.map { Instant(secondsSince1970: $0) <= now } ?? true
            return ranOut ? .lapsed : .cancelled
        case "complete":
            // Both have to say paid: the session that it is, the intent that the money moved.
            guard let money else { return .pending }
            return (money == .paid) == (payment_status == "paid") ? money : .pending
        default: return .pending
        }
    }
}

extension StripeResponse.Intent {
    /// An intent that is not listed here is pending; one back at its beginning was declined.
    var reportedStatus: ProviderReport.Status {
        switch status {
        case "succeeded": .paid
        case "canceled": .cancelled
        case "requires_payment_method": .refused(StripeResponse.Failure(error: last_payment_error).reason)
        default: .pending
        }
    }

    /// What moved, or is meant to.
    var money: Money {
        let amount = status == "succeeded" ? amount_received ?? amount : amount
        return Money(amount.minorUnits, currency.currency)
    }

    /// The fee and its VAT, where Stripe took them in the payment's own currency.
    var fee: ProviderFee? {
        guard let taken = latest_charge?.object?.balance_transaction?.object, taken.currency == currency else {
            return nil
        }
        let vat = (taken.fee_details ?? []).filter { $0.type == "tax" }.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        guard vat <= taken.fee.minorUnits else { return nil }
        return ProviderFee(
            net: Money(taken.fee.minorUnits - vat, currency.currency), vat: Money(vat, currency.currency))
    }

    var takenAt: Instant? { latest_charge?.object?.created.map { Instant(secondsSince1970: $0) } }
}

extension StripeResponse.Refund {
    var money: Money { Money(amount.minorUnits, currency.currency) }

    var refund: RefundID? { metadata?.refund.flatMap { RefundID($0) } }

    /// What has gone back, and what never will; what may still do either is not listed.
    var reported: ReportedRefund? {
        switch status {
        case "succeeded": ReportedRefund(id: refund, reference: id, amount: money, madeAt: madeAt)
        case "failed", "canceled":
            ReportedRefund(
                id: refund, reference: id, amount: money, failure: failure_reason ?? status ?? "failed",
                madeAt: madeAt)
        default: nil
        }
    }

    /// What may still go back; a status that is not listed here is one of these.
    var pending: PendingRefund? { reported == nil ? PendingRefund(id: refund, reference: id) : nil }

    private var madeAt: Instant? { created.map { Instant(secondsSince1970: $0) } }

    /// A status that is not listed here is pending.
    var outcome: RefundOutcome {
        switch status {
        case "succeeded": .completed(reference: id, schedule: [])
        case "failed", "canceled": .refused(failure_reason ?? status ?? "failed")
        default: .pending(reference: id)
        }
    }
}

extension StripeResponse.Dispute {
    /// A status that is not listed here is not decided.
    var reported: PaymentOrchestratorDomain.Dispute {
        let state: PaymentOrchestratorDomain.Dispute.State =
            switch status {
            case "lost": .lost
            // An inquiry that came to nothing takes no money.
            case "won", "warning_closed": .won
            default: .open
            }
        return PaymentOrchestratorDomain.Dispute(
            reference: id, amount: Money(amount.minorUnits, currency.currency), reason: reason ?? "none given",
            state: state, respondBy: evidence_details?.due_by.map { Instant(secondsSince1970: $0) })
    }
}
