import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which payouts are asked for; nil is any.
struct PayoutFilter: Sendable {
    let from: LocalDate?
    let to: LocalDate?
    let provider: Provider?
    let isPointed: Bool?
    /// How it was pointed.
    let rule: PayoutMatch.Rule?

    /// Of the table `payout`, whatever it is joined with.
    func condition(of organisation: OrganisationID) -> SQL {
        """
        payout.organisation = \(organisation)
            AND (\(from)::date IS NULL OR payout.paid_on >= \(from))
            AND (\(to)::date IS NULL OR payout.paid_on <= \(to))
            AND (\(provider?.rawValue)::text IS NULL OR payout.provider = \(provider?.rawValue))
            AND (\(isPointed)::boolean IS NULL OR (payout.pointed_at IS NOT NULL) = \(isPointed))
            AND (\(rule?.rawValue)::text IS NULL OR payout.rule = \(rule?.rawValue))
        """
    }
}

/// A place in a list of payouts, the latest day first.
struct PayoutPlace: Sendable {
    static let beginning = PayoutPlace(day: .latest, id: PayoutID(.max))

    let day: LocalDate
    let id: PayoutID
}
