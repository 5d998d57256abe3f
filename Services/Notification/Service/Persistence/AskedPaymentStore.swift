import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A payment a client was asked for, by SMS, with a link to share or on a screen.
struct AskedPayment: Sendable {
    let payment: PaymentID
    let client: ClientID
    let clinic: ClinicID?
    /// Nil: it may still be made, as far as was told.
    var ended: PaymentEnd?
    /// Until when its link can be used; nil where that was not told.
    var expiresAt: Instant?
}

/// How a payment ends, after which nobody is reminded of it.
enum PaymentEnd: String, Sendable {
    case accepted, refused, cancelled, expired
}

/// What payment-orchestrator told of payments, so that each that is live can be reminded (NOT-3).
struct AskedPaymentStore {
    /// One that ended stays ended, as it was told last.
    func remember(_ asked: AskedPayment, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO asked_payment (organisation, payment, client, clinic, ended, expires_at)
            VALUES (\(change.cause.organisation), \(asked.payment), \(asked.client), \(asked.clinic),
                \(asked.ended?.rawValue), \(asked.expiresAt))
            ON CONFLICT ON CONSTRAINT asked_payment_once
                DO UPDATE SET ended = coalesce(EXCLUDED.ended, asked_payment.ended),
                    expires_at = coalesce(EXCLUDED.expires_at, asked_payment.expires_at)
            """)
    }

    /// Locks it, so that it cannot end before what is planned of it is seen; nil for one nobody was told of.
    func lock(_ payment: PaymentID, in change: inout Change) throws -> AskedPayment? {
        try change.first(
            """
            SELECT payment, client, clinic, ended, expires_at FROM asked_payment
            WHERE organisation = \(change.cause.organisation) AND payment = \(payment) FOR UPDATE
            """
        ) { row in
            let ended: String? = try row("ended")
            return AskedPayment(
                payment: try row("payment"), client: try row("client"), clinic: try row("clinic"),
                ended: try ended.map { _ in try row.word("ended") }, expiresAt: try row("expires_at"))
        }
    }
}
