import PaymentModel

/// What took the money of payments by PayPal's list of transactions, until each is searched for again.
actor PayPalSearches {
    private var known: [PaymentID: (captures: [String], until: Instant)] = [:]

    /// Those of a payment; `nil` when that is to be asked.
    func captures(of payment: PaymentID, at now: Instant) -> [String]? {
        guard let found = known[payment], now < found.until else { return nil }
        return found.captures
    }

    func keep(_ captures: [String], of payment: PaymentID, until: Instant, max: Int) {
        // There are few at a time; whatever is forgotten is searched for once more.
        if known.count >= max { known = [:] }
        known[payment] = (captures, until)
    }
}

extension PayPalProvider {
    /// What took a payment's money by the list of transactions.
    ///
    /// A payment that waits for it is asked about every few seconds, and the list is long, counted and hours late.
    func captures(
        of payment: PaymentID, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [String] {
        let now = settings.time.now()
        if let known = await searches.captures(of: payment, at: now) { return known }
        // A minute is for clocks that differ.
        let listed = try await transactions(since: first.adding(.seconds(-60)), account).0
        let found = listed.filter { row in
            row.kind == .payment && row.payment == payment && ProviderReference.isSafe(row.id)
        }.map(\.id)
        await searches.keep(
            found, of: payment, until: now.adding(settings.searchBelievedFor), max: settings.searchesMax)
        return found
    }
}
