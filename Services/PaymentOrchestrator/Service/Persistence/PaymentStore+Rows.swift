import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// The receivable, or the client whose free amount it is, has another payment that may still be paid.
struct OtherPaymentIsLive: Error, Hashable {
    /// Which it is; `nil` when it ended meanwhile.
    var other: LivePayment?
}

/// A payment that may still be paid.
struct LivePayment: Hashable, Sendable {
    let id: PaymentID
    let state: PaymentState
    /// Whether its client has agreed, so that nothing is left to do by its link.
    let isAgreed: Bool
    /// What it is for; `nil` for a free amount.
    let debt: Debt?

    init(_ record: PaymentRecord) {
        (id, state, debt) = (record.id, record.payment.state, record.payment.terms.debt)
        isAgreed = record.payment.isAgreed
    }
}

// The rows a payment is made of, with its attempts and refunds; only `PaymentStore` itself writes them.
extension PaymentStore {
    /// Writes a new payment; at most one of a receivable is live, which the indexes decide however many come at once.
    func write(new record: PaymentRecord, in change: inout Change) throws {
        do throws(PostgresError) { try change.execute(try insertion(of: record)) } catch {
            guard
                error.isUniqueViolation(of: "payment_one_live_per_receivable")
                    || error.isUniqueViolation(of: "payment_one_live_per_named_receivable")
            else { throw error }
            throw OtherPaymentIsLive()
        }
    }

    /// Writes what became of a locked payment; of its attempts and refunds what is new.
    func write(_ record: PaymentRecord, before: Payment, in change: inout Change) throws {
        let payment = record.payment
        let acceptance = payment.acceptance
        change.executeLater(
            """
            UPDATE payment SET state = \(payment.state),
                verification = \(try payment.verification.map { try PostgresJSON.of($0) }),
                link_asked_at = \(payment.linkAskedAt), cancellation = \(payment.cancellation),
                cancellation_unknown = \(payment.cancellationUnknown), refusal = \(payment.refusal),
                acceptance_reference = \(acceptance?.reference), accepted_at = \(acceptance?.at),
                accepted_amount = \(acceptance?.amount.minorUnits),
                schedule = \(try acceptance.map { try PostgresJSON.of($0.schedule) }),
                instalments = \(try acceptance.map { try PostgresJSON.of($0.instalments) }),
                fee = \(acceptance?.fee.net.minorUnits), fee_vat = \(acceptance?.fee.vat.minorUnits),
                expected_payout_on = \(acceptance?.expectedPayoutOn), disposition = \(acceptance?.disposition),
                disputes = \(try PostgresJSON.of(payment.disputes)),
                alarms = \(try PostgresJSON.of(payment.alarms)), noted = \(try PostgresJSON.of(payment.noted)),
                is_client_erased = \(payment.isClientErased), ask_at = \(record.askAt),
                questions = \(record.questions), awaits_counting = \(record.awaitsCounting),
                version = \(record.version)
            WHERE id = \(record.id)
            """)
        for attempt in payment.attempts where !before.attempts.contains(attempt) {
            change.executeLater(upsert(attempt, of: record))
        }
        for refund in payment.refunds where !before.refunds.contains(refund) {
            change.executeLater(upsert(refund, of: record))
        }
    }

    /// Notes that invoicing counted a payment's money for what it was asked for.
    func count(_ payment: PaymentID, for debt: Debt, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE payment SET awaits_counting = false
            WHERE id = \(payment) AND organisation = \(change.cause.organisation) AND awaits_counting
                AND \(debt.ofPayments)
            """)
    }

    /// Notes that invoicing counted a payment's money for others than what it was asked for.
    func count(
        _ payment: PaymentID, of organisation: OrganisationID, unlessFor debts: [Debt],
        in change: inout Change
    ) throws {
        change.executeLater(
            """
            UPDATE payment SET awaits_counting = false
            WHERE id = \(payment) AND organisation = \(organisation) AND awaits_counting
                AND coalesce(invoice, receivable) <> ALL(\(debts.map(\.value)))
            """)
    }

    private func insertion(of record: PaymentRecord) throws(PostgresError) -> SQL {
        let (details, quote) = (try PostgresJSON.of(record.client), try PostgresJSON.of(record.quote))
        var verification: PostgresJSON?
        if let code = record.payment.verification { verification = try PostgresJSON.of(code) }
        let terms = record.payment.terms
        return """
            INSERT INTO payment (id, organisation, clinic, invoice, receivable, client, account, provider, amount,
                currency, plan, channel, confirmation, verification, fee_offered, title, details, quote, token_hash,
                sealed_token, sealed_with, state, cancellation_unknown, alarms, created_at, expires_at, time_zone, ask_at,
                questions, instead_of, requested_by, link_asked_at, version)
            VALUES (\(terms.id), \(record.organisation), \(record.clinic), \(terms.invoice), \(terms.receivable),
                \(terms.client),
                \(terms.account), \(terms.provider.rawValue), \(terms.amount.minorUnits), \(terms.amount.currency.code),
                \(terms.plan.code), \(terms.channel.rawValue), \(terms.confirmation),
                \(verification), \(terms.feeOffered),
                \(record.title), \(details), \(quote),
                \(record.token.hash), \(record.token.sealed.bytes), \(record.token.sealed.keyID),
                \(record.payment.state), false, '[]', \(record.createdAt), \(terms.expiresAt), \(record.timeZone),
                \(record.askAt), 0, \(record.insteadOf), \(record.requestedBy), \(record.payment.linkAskedAt),
                \(record.version))
            """
    }

    private func upsert(_ attempt: Attempt, of record: PaymentRecord) -> SQL {
        """
        INSERT INTO attempt (id, payment, organisation, state, reference, capture, pay_url, is_agreed, started_at,
            called_off_at, given_back_at, given_back_as)
        VALUES (\(attempt.id), \(record.id), \(record.organisation), \(attempt.state), \(attempt.reference),
            \(attempt.capture), \(attempt.payURL), \(attempt.isAgreed), \(attempt.startedAt),
            \(attempt.calledOffAt), \(attempt.givenBackAt), \(attempt.givenBackAs))
        ON CONFLICT (id) DO UPDATE
        SET state = excluded.state, reference = excluded.reference, capture = excluded.capture,
            pay_url = excluded.pay_url, is_agreed = excluded.is_agreed, called_off_at = excluded.called_off_at,
            given_back_at = excluded.given_back_at, given_back_as = excluded.given_back_as
        """
    }

    private func upsert(_ refund: Refund, of record: PaymentRecord) -> SQL {
        """
        INSERT INTO refund (id, payment, organisation, amount, currency, state, reference, ordered_at, requested_at)
        VALUES (\(refund.id), \(record.id), \(record.organisation), \(refund.amount.minorUnits),
            \(refund.amount.currency.code), \(refund.state), \(refund.reference), \(refund.orderedAt),
            \(refund.requestedAt))
        ON CONFLICT (id) DO UPDATE
        SET state = excluded.state, reference = excluded.reference, ordered_at = excluded.ordered_at
        """
    }
}
