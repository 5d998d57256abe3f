package import PaymentModel

/// What a provider says of a payout as a whole (REC-2).
package enum ProvidersWord: String, Hashable, Sendable, CaseIterable {
    /// It is on its way.
    case sent
    /// It has arrived. Stripe may still take that back.
    case paid
    /// It never arrived, or came back.
    case failed

    /// What a report says without a word: Alma and PayPal tell of a payout once it is made.
    ///
    /// Stripe's report has also what is under way or fails later, so that only its API says how it ended.
    package static func told(byReportOf provider: Provider) -> ProvidersWord? {
        switch provider {
        case .alma, .paypal: .paid
        case .stripe: nil
        }
    }

    /// Whether a provider may say something else of a payout than when it told of it.
    package static func mayChange(at provider: Provider) -> Bool { told(byReportOf: provider) == nil }
}

/// A payout that nobody has pointed otherwise, and what is known of it beside its sum.
package struct SaidPayout: Hashable, Sendable {
    package let payout: PendingPayout
    /// The last that the provider said; nil where nobody knows.
    package let word: ProvidersWord?
    /// A person took back that this word points it.
    package let isRefused: Bool

    package init(_ payout: PendingPayout, word: ProvidersWord?, isRefused: Bool = false) {
        self.payout = payout
        self.word = word
        self.isRefused = isRefused
    }

    /// Whether its provider's word points it, where the organisation takes that (REC-2).
    ///
    /// What comes to nothing is no transfer that could have arrived. What a person took back of it stays so.
    package var isPointedByWord: Bool { word == .paid && !isRefused && !payout.amount.isZero }
}
