import HTTPClient
package import PaymentModel
import PaymentOrchestratorDomain

/// Stripe's payouts with the balance transactions that explain them.
///
/// Only automatic payouts can be taken apart, and only once Stripe has reconciled them; one a person asked for is told
/// with one line that names it. One that failed is told with what was in it, and with the line that its money stays for
/// another: so nothing of it is missing, and nothing is there twice.
extension StripeProvider {
    package func payouts(
        after place: String?, since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout] {
        let start = try DatedName.start(after: place, since: since)
        var found: [ProviderPayout] = []
        var lines = 0
        let listed = try await listed(since: start.at, account).sorted { $0.place < $1.place }
        for payout in listed where payout.place > start && !payout.isNothing {
            guard payout.isComplete, found.count < ProviderPayout.countMax, lines < ProviderPayout.linesMax else {
                break
            }
            let next = try await explained(payout, account)
            lines += next.lines.count
            found.append(next)
        }
        return found
    }

    /// One that is paid may fail within days: Stripe believes the bank at first.
    package func payoutStates(
        since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout.Standing] {
        try await listed(since: since.secondsSince1970, account).map {
            ProviderPayout.Standing(reference: $0.id, state: $0.state)
        }
    }

    private func listed(
        since seconds: Int64, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [StripeResponse.Payout] {
        var listed: [StripeResponse.Payout] = []
        try await all(account, id: \StripeResponse.Payout.id, pagesMax: settings.reportPagesMax) {
            listed.append($0)
        } page: {
            .payouts(since: seconds, pageSize: settings.listPageSize, after: $0)
        }
        return listed
    }

    private func explained(
        _ payout: StripeResponse.Payout, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderPayout {
        let amount = Money(payout.amount.minorUnits, payout.currency.currency)
        var lines = payout.isItemised ? try await self.lines(of: payout, account) : [payout.notItemised(amount)]
        if payout.isGone { lines.append(try payout.givenBack(amount)) }
        return try ProviderPayout(
            reference: payout.id, paidOn: Instant(secondsSince1970: payout.arrival_date).utcDate,
            amount: payout.isGone ? .zero(amount.currency) : amount, state: payout.state, lines: lines,
            place: payout.place.text
        ).checked("Stripe")
    }

    private func lines(
        of payout: StripeResponse.Payout, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayoutLine] {
        var movements: [StripeResponse.Movement] = []
        try await all(account, id: \StripeResponse.Movement.id, pagesMax: settings.reportPagesMax) {
            movements.append($0)
        } page: {
            .movements(of: payout.id, pageSize: settings.listPageSize, after: $0)
        }
        var known: [String: PaymentID] = [:]
        var lines: [ProviderPayoutLine] = []
        for movement in movements where movement.source?.id != payout.id {
            lines.append(try await line(movement, &known, account))
        }
        return lines
    }

    /// A charge carries our name; of what followed it, the intent does.
    private func line(
        _ movement: StripeResponse.Movement, _ known: inout [String: PaymentID], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderPayoutLine {
        let source = movement.source?.object
        let intent = source?.payment_intent?.id
        var ours = source?.metadata?.payment.flatMap { PaymentID($0) } ?? intent.flatMap { known[$0] }
        if ours == nil, let intent, ProviderReference.isSafe(intent, max: 255),
            let found: StripeResponse.Intent = try await object(.intent(intent), account)
        {
            ours = found.metadata?.payment.flatMap { PaymentID($0) }
        }
        if let intent, let ours { known[intent] = ours }
        let currency = movement.currency.currency
        let vat = (movement.fee_details ?? []).filter { $0.type == "tax" }.map { Money($0.amount.minorUnits, currency) }
        do throws(MoneyError) {
            return try movement.line(of: (ours, intent ?? movement.source?.id), vat: Money.sum(vat, in: currency))
        } catch {
            throw OutcomeUnknown("a fee of Stripe's does not add up")
        }
    }
}

extension StripeResponse.Payout {
    var place: DatedName { DatedName(at: created, name: id) }

    /// It never arrived: its money is in another.
    var isGone: Bool { status == "failed" || status == "canceled" }

    var state: ProviderPayout.State { isGone ? .failed : status == "paid" ? .paid : .sent }

    /// It never arrived, and what was in it cannot be told, now or later.
    var isNothing: Bool { isGone && (failure_balance_transaction == nil || !isItemised || !isToBeReconciled) }

    private var isToBeReconciled: Bool {
        reconciliation_status == "completed" || reconciliation_status == "in_progress"
    }

    var isItemised: Bool { automatic ?? true }

    var isComplete: Bool {
        (isGone || status == "paid" || status == "in_transit")
            && (!isItemised || reconciliation_status == "completed")
    }

    /// The contrary of the line with which another payout brings it, under a name made of that line's.
    func givenBack(_ amount: Money) throws(OutcomeUnknown) -> ProviderPayoutLine {
        do throws(MoneyError) {
            return ProviderPayoutLine(
                .carried, "\(failure_balance_transaction ?? id)-back", gross: try amount.negated(),
                fee: (.zero(amount.currency), nil))
        } catch {
            throw OutcomeUnknown("a payout of Stripe's is beyond an amount")
        }
    }

    func notItemised(_ amount: Money) -> ProviderPayoutLine {
        ProviderPayoutLine(
            .adjustment, "\(id)-not-itemised", gross: amount, fee: (.zero(amount.currency), nil))
    }
}

extension StripeResponse.Movement {
    func line(of payment: (PaymentID?, String?), vat: Money) throws(MoneyError) -> ProviderPayoutLine {
        let (amount, fee) = (Money(amount.minorUnits, currency.currency), Money(fee.minorUnits, currency.currency))
        let told = vat.isZero ? nil : vat
        guard kind == .fee else { return ProviderPayoutLine(kind, id, of: payment, gross: amount, fee: (fee, told)) }
        // What Stripe charges by itself is an amount below nothing; as a fee it is one above.
        return ProviderPayoutLine(
            .fee, id, gross: .zero(amount.currency),
            fee: (try fee.subtracting(amount), isTax ? try amount.negated() : told))
    }

    private var isTax: Bool { type == "tax_fee" || reporting_category == "tax" }

    /// By the words of Stripe's own report, so that the same movement is the same by file; by its type where the report
    /// has no word for it.
    private var kind: ProviderPayoutLine.Kind {
        switch reporting_category {
        case "charge": .payment
        case "refund", "refund_failure", "partial_capture_reversal", "charge_failure": .refund
        case "dispute", "dispute_reversal": .dispute
        case "fee", "tax", "network_cost": .fee
        // Money of a payout that failed, or that is kept back for a while, is in another payout.
        case "payout_reversal", "payout_minimum_balance_hold", "payout_minimum_balance_release": .carried
        default: kindByType
        }
    }

    private var kindByType: ProviderPayoutLine.Kind {
        switch type {
        case "charge", "payment": .payment
        case "refund", "payment_refund", "refund_failure", "payment_failure_refund": .refund
        case "payout_failure", "payout_cancel": .carried
        case "payout_minimum_balance_hold", "payout_minimum_balance_release": .carried
        case "stripe_fee", "tax_fee", "network_cost", "stripe_fx_fee", "fee": .fee
        default: source?.object?.object == "dispute" ? .dispute : .adjustment
        }
    }
}
