import PaymentModel

/// What took the money of payments by PayPal's list of transactions, until each is searched for again.
actor PayPalSearches {
    /// What one search found.
    struct Found: Sendable {
        let captures: [String]
        /// How far back it went.
        let since: Instant
    }

    private var known: [PaymentID: (found: Found, until: Instant)] = [:]

    /// That of a payment; `nil` when it is to be made.
    func found(of payment: PaymentID, at now: Instant) -> Found? {
        guard let last = known[payment], now < last.until else { return nil }
        return last.found
    }

    func keep(_ found: Found, of payment: PaymentID, until: Instant, max: Int) {
        // There are few at a time; whatever is forgotten is searched for once more.
        if known.count >= max { known = [:] }
        known[payment] = (found, until)
    }
}

extension PayPalProvider {
    /// What took a payment's money by the list of transactions.
    ///
    /// A payment that waits for it is asked about every few seconds, and the list is long, counted and hours late.
    func captures(
        of payment: PaymentID, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> PayPalSearches.Found {
        let now = settings.time.now()
        if let known = await searches.found(of: payment, at: now) { return known }
        // A minute is for clocks that differ.
        let since = first.adding(.seconds(-60))
        let listed = try await transactions(since: since, account).0
        let captures = listed.filter { row in
            row.kind == .payment && row.payment == payment && ProviderReference.isSafe(row.id)
        }.map(\.id)
        let found = PayPalSearches.Found(captures: captures, since: since)
        await searches.keep(
            found, of: payment, until: now.adding(settings.searchBelievedFor), max: settings.searchesMax)
        return found
    }
}
