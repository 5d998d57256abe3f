package import PaymentModel
import PaymentOrchestratorDomain

/// Alma's payouts, from the movements of the merchant's balance: each says which payout it is in.
extension AlmaProvider {
    package func payouts(
        after place: String?, since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout] {
        let start = try DatedName.start(after: place, since: since)
        let movements = try await movements(
            since: start.at - Int64(settings.payoutHoldMax.components.seconds), account)
        let contents = Dictionary(grouping: movements.filter { $0.kind != "from_payout" }, by: \.included_in_payout_id)
        let open = movements.filter { $0.kind == "from_payout" && $0.place > start }.sorted { $0.place < $1.place }
        return try open.prefix(ProviderPayout.countMax).map { transfer throws(OutcomeUnknown) in
            let reference = transfer.payout_id ?? transfer.id
            var lines: [ProviderPayoutLine] = []
            do throws(MoneyError) {
                for movement in (contents[reference] ?? []).reversed() { lines.append(try movement.line()) }
            } catch {
                throw OutcomeUnknown("a fee of Alma's is beyond an amount")
            }
            return try ProviderPayout(
                reference: reference, paidOn: account.localDate(Instant(secondsSince1970: transfer.created)),
                amount: .euros(cents: -transfer.net_amount.minorUnits), state: .paid, lines: lines,
                place: transfer.place.text
            ).checked("Alma")
        }
    }

    /// Alma's payments say what went back of them, and its balance which of them that is.
    package func refunded(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [ListedRefund] {
        let first = since.secondsSince1970
        return try await movements(since: first, account).filter { $0.kind == "from_refund" && $0.created >= first }
            .compactMap { movement in
                movement.payment_id.map {
                    ListedRefund(reference: movement.refund_id ?? movement.id, subject: .payment($0))
                }
            }
    }

    /// From the newest back to an instant that everything wanted is after.
    private func movements(
        since oldest: Int64, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [AlmaResponse.Movement] {
        var found: [AlmaResponse.Movement] = []
        var after: String?
        for _ in 0..<settings.reportPagesMax {
            let page: AlmaResponse.Movements
            switch try await call(.movements(pageSize: settings.reportPageSize, after: after), account) {
            case .neverReached: throw OutcomeUnknown("Alma was not reached")
            case .refused(let refusal): throw OutcomeUnknown("Alma answered \(refusal.reason)")
            case .answered(let body): page = try decoded(body)
            }
            found += page.data
            guard page.has_more == true, let last = page.data.last, last.created >= oldest else { return found }
            guard ProviderReference.isSafe(last.id) else {
                throw OutcomeUnknown("Alma listed a movement whose name cannot be asked for")
            }
            after = last.id
        }
        throw OutcomeUnknown("Alma's list is longer than was read")
    }
}

extension AlmaResponse.Movement {
    var place: DatedName { DatedName(at: created, name: payout_id ?? id) }

    /// Alma knows its own names only; ours goes with them in the payment.
    ///
    /// A commission that Alma gives back is an amount; as a commission it is one below nothing.
    func line() throws(MoneyError) -> ProviderPayoutLine {
        let (amount, fee) = (Money.euros(cents: amount.minorUnits), Money.euros(cents: merchant_fee?.minorUnits ?? 0))
        let isFee = lineKind == .fee
        return ProviderPayoutLine(
            lineKind, id, of: (nil, payment_id), gross: isFee ? .zero(.eur) : amount,
            fee: (isFee ? try fee.subtracting(amount) : fee, nil))
    }

    private var lineKind: ProviderPayoutLine.Kind {
        switch kind {
        case "from_transaction": .payment
        case "from_refund": .refund
        case "from_fee_waiver": .fee
        default: .adjustment
        }
    }
}
