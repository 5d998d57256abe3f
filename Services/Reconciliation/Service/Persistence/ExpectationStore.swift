import EventContract
import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A payment as the books expect it from its provider.
struct Expectation: Sendable {
    let settlement: ExpectedSettlement
    let clinic: ClinicID?
    let client: ClientID
    let invoice: InvoiceID?
    let provider: Provider
    let providerReference: String
    let isHeld: Bool
    let acceptedOn: LocalDate
    let expectedOn: LocalDate
}

/// A place in a list of payments.
struct ExpectationPlace: Sendable {
    let day: LocalDate
    let id: PaymentID

    static let beginning = ExpectationPlace(day: .earliest, id: PaymentID(0))
}

/// A payment whose day has passed without its money.
struct OverduePayment: Sendable {
    let id: PaymentID
    let organisation: OrganisationID
    /// The day it is at its clinic.
    let today: LocalDate
}

/// What providers owe.
struct ExpectationStore {
    /// Answers which of the payments were not told of before; each is among them once.
    func insert(
        _ expectations: [Expectation], owing taxes: FeeTaxes, in change: inout Change
    ) throws -> Set<PaymentID> {
        let settlements = expectations.map(\.settlement)
        let owed = try expectations.map { expectation in
            try taxes.tax(of: expectation.provider, on: expectation.acceptedOn)
                .owed(on: expectation.settlement.fee, vat: expectation.settlement.feeVAT).minorUnits
        }
        let new: [PaymentID] = try change.query(
            """
            INSERT INTO expectation (payment, organisation, clinic, client, invoice, provider, provider_reference,
                currency, amount, fee, fee_vat, fee_owed, is_held, accepted_on, expected_on)
            SELECT payment, \(change.cause.organisation), clinic, client, invoice, provider, reference, currency,
                amount, fee, fee_vat, fee_owed, is_held, accepted_on, expected_on
            FROM unnest(\(settlements.map(\.payment)), \(expectations.map(\.clinic)), \(expectations.map(\.client)),
                \(expectations.map(\.invoice)), \(expectations.map(\.provider.rawValue)),
                \(expectations.map(\.providerReference)), \(settlements.map(\.amount.currency.code)),
                \(settlements.map(\.amount.minorUnits)), \(settlements.map(\.fee.minorUnits)),
                \(settlements.map(\.feeVAT.minorUnits)), \(owed), \(expectations.map(\.isHeld)),
                \(expectations.map(\.acceptedOn)), \(expectations.map(\.expectedOn)))
                AS told (payment, clinic, client, invoice, provider, reference, currency, amount, fee, fee_vat,
                    fee_owed, is_held, accepted_on, expected_on)
            ON CONFLICT (payment) DO NOTHING
            RETURNING payment
            """
        ) { row in try row("payment") }
        return Set(new)
    }

    /// Those of new payments of which something was known before: lines of reports that name them, refunds, disputes.
    func known(among expectations: [Expectation], in change: inout Change) throws -> Set<PaymentID> {
        let payments = expectations.map(\.settlement.payment)
        let names: [String] = payments.map { "\($0)" }
        let known: [PaymentID] = try change.query(
            """
            SELECT payment FROM unnest(\(payments), \(expectations.map(\.provider.rawValue)),
                \(expectations.map(\.providerReference)), \(names))
                AS told (payment, provider, reference, name)
            WHERE EXISTS (
                SELECT FROM settlement_line AS line
                WHERE line.organisation = \(change.cause.organisation) AND line.provider = told.provider
                    AND line.payment_reference IN (told.reference, told.name) AND line.payment IS NULL)
                OR EXISTS (SELECT FROM settlement_line AS line WHERE line.payment = told.payment)
                OR EXISTS (SELECT FROM waiting_refund AS refund WHERE refund.payment = told.payment)
                OR EXISTS (SELECT FROM dispute WHERE dispute.payment = told.payment)
                OR EXISTS (SELECT FROM discrepancy AS open WHERE open.payment = told.payment AND closed_at IS NULL)
            """
        ) { row in try row("payment") }
        return Set(known)
    }

    /// Counts a refund once; false when it was counted before, with the same amount.
    func count(_ refund: WaitingRefundStore.Refund, in change: inout Change) throws -> Bool {
        let counted = try change.execute(
            """
            INSERT INTO counted_refund (refund, organisation, payment, amount, completed_on)
            VALUES (\(refund.id), \(change.cause.organisation), \(refund.payment), \(refund.amount.minorUnits),
                \(refund.completedOn))
            ON CONFLICT (refund) DO NOTHING
            """)
        guard counted == 1 else {
            try check(refund, in: &change)
            return false
        }
        change.executeLater(
            """
            UPDATE expectation SET refunded = refunded + \(refund.amount.minorUnits)
            WHERE payment = \(refund.payment) AND organisation = \(change.cause.organisation)
            """)
        return true
    }

    /// Takes a counted refund back once; false when it was before.
    func takeBack(
        _ refund: WaitingRefundStore.Refund, on day: LocalDate, in change: inout Change
    ) throws -> Bool {
        let taken = try change.execute(
            """
            WITH taken AS (
                UPDATE counted_refund SET returned_on = \(day)
                WHERE refund = \(refund.id) AND organisation = \(change.cause.organisation) AND returned_on IS NULL
                    AND amount = \(refund.amount.minorUnits)
                RETURNING payment, amount)
            UPDATE expectation SET refunded = refunded - taken.amount, returned = returned + taken.amount
            FROM taken WHERE expectation.payment = taken.payment AND organisation = \(change.cause.organisation)
            """)
        return taken == 1
    }

    /// What names another amount than was counted is no word about this refund that could be booked.
    private func check(_ refund: WaitingRefundStore.Refund, in change: inout Change) throws {
        let counted: Int64 = try change.one(
            """
            SELECT amount FROM counted_refund
            WHERE refund = \(refund.id) AND organisation = \(change.cause.organisation)
            """
        ) { row in try row("amount") }
        guard counted == refund.amount.minorUnits else { throw RefundToldOtherwise(refund: refund.id) }
    }

    /// Works out anew what is withheld of a payment.
    func countWithheld(of payment: PaymentID, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE expectation SET withheld = (
                SELECT coalesce(sum(dispute.amount - given_back), 0) FROM dispute
                WHERE dispute.payment = \(payment) AND dispute.currency = expectation.currency)
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            """)
    }

    /// By the provider's name for the payment, or by ours where the provider was told it.
    func lock(_ provider: Provider, _ reference: String, in change: inout Change) throws -> Expectation? {
        let ours = PaymentID(reference)
        return try lock(
            "provider = \(provider.rawValue) AND (provider_reference = \(reference) OR payment = \(ours))", in: &change)
    }

    func lock(_ payment: PaymentID, in change: inout Change) throws -> Expectation? {
        try lock("payment = \(payment)", in: &change)
    }

    /// The payout of a payment is that of its settlement line, the first where there are several.
    ///
    /// Answers whether it has arrived.
    func settle(_ payment: PaymentID, in change: inout Change) throws -> Bool {
        try change.one(
            """
            UPDATE expectation SET (settlement_line, payout, has_arrived) = (
                SELECT min(first.id::text)::uuid, min(first.payout::text)::uuid,
                    coalesce(bool_or(first.is_received), false)
                FROM (
                    SELECT settlement_line.id, settlement_line.payout, payout.is_received
                    FROM settlement_line JOIN payout ON payout.id = settlement_line.payout
                    WHERE payment = \(payment) AND kind = 'payment'
                        AND settlement_line.currency = expectation.currency
                    ORDER BY settlement_line.reference COLLATE "C" LIMIT 1) AS first)
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            RETURNING has_arrived
            """
        ) { row in try row("has_arrived") }
    }

    /// Notes of all payments of a payout whether their money has arrived.
    func set(hasArrived: Bool, allOf payout: PayoutID, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE expectation SET has_arrived = \(hasArrived)
            WHERE payout = \(payout) AND organisation = \(change.cause.organisation)
            """)
    }

    /// Payments whose day has passed at their clinic without their money, across organisations; each is told of once.
    func overdue(
        usualZone: String, except leftOut: [OrganisationID], _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [OverduePayment] {
        try transaction.query(
            """
            SELECT payment, organisation, today FROM (
                SELECT payment, expectation.organisation, expected_on,
                    (now() AT TIME ZONE coalesce(clinic.time_zone, \(usualZone)))::date AS today
                FROM expectation
                    LEFT JOIN clinic ON clinic.organisation = expectation.organisation
                        AND clinic.id = expectation.clinic
                WHERE NOT has_arrived AND late_since IS NULL AND expected_on <= current_date
                    AND amount > refunded + withheld + fee + fee_vat
                    AND expectation.organisation <> ALL(\(leftOut)::uuid[])) AS awaited
            WHERE expected_on < today ORDER BY expected_on LIMIT \(Int64(limit))
            """
        ) { row in
            OverduePayment(
                id: try row("payment"), organisation: try row("organisation"), today: try row("today"))
        }
    }

    /// False when it has arrived meanwhile, or was told of before.
    func markLate(_ payment: PaymentID, since day: LocalDate, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            UPDATE expectation SET late_since = \(day)
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation) AND NOT has_arrived
                AND late_since IS NULL
            """) == 1
    }

    /// It may be told of once more when it is owed again.
    func forgetLate(_ payment: PaymentID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE expectation SET late_since = NULL
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation) AND late_since IS NOT NULL
            """)
    }

    /// What an earlier version kept without its quote and total gets them when it is told of again.
    func keep(_ invoice: InvoiceIssuedV1, at clinic: ClinicID?, in change: inout Change) {
        let (currency, total) = (invoice.total.currency.code, invoice.total.minorUnits)
        change.executeLater(
            """
            INSERT INTO invoice_number (invoice, organisation, number, clinic, quote, currency, total, due, due_told_at)
            VALUES (\(invoice.invoiceID), \(change.cause.organisation), \(invoice.number), \(clinic),
                \(invoice.quoteID), \(currency), \(total), \(total), now())
            ON CONFLICT (invoice) DO NOTHING
            """)
        change.executeLater(
            """
            UPDATE invoice_number SET quote = \(invoice.quoteID), currency = \(currency), total = \(total)
            WHERE invoice = \(invoice.invoiceID) AND organisation = \(change.cause.organisation) AND total IS NULL
            """)
    }

    /// Those that fit a condition of ours, oldest first.
    func list(
        _ condition: SQL, of organisation: OrganisationID, after place: ExpectationPlace, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [Expectation] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM expectation WHERE organisation = \(organisation) AND \(condition)
                AND (accepted_on, payment) > (\(place.day), \(place.id))
            ORDER BY accepted_on, payment LIMIT \(Int64(limit))
            """, read)
    }

    func count(
        _ condition: SQL, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> Int {
        try transaction.one(
            """
            SELECT count(*) AS count FROM expectation WHERE organisation = \(organisation) AND \(condition)
            """
        ) { row in try row("count") }
    }

    /// The refunds that were counted for a payment.
    func refunds(of payment: PaymentID, _ transaction: inout PostgresTransaction) throws -> [UInt128] {
        try transaction.query("SELECT refund FROM counted_refund WHERE payment = \(payment) ORDER BY refund") { row in
            try row("refund")
        }
    }

    private func lock(_ condition: SQL, in change: inout Change) throws -> Expectation? {
        try change.first(
            """
            SELECT \(Self.columns) FROM expectation
            WHERE organisation = \(change.cause.organisation) AND \(condition) FOR UPDATE
            """, read)
    }

    private static let columns: SQL =
        """
        payment, clinic, client, invoice, provider, provider_reference, currency, amount, refunded, returned, withheld,
            fee, fee_vat, is_held, accepted_on, expected_on
        """

    private func read(_ row: Row) throws -> Expectation {
        let currency = try row.currency()
        return Expectation(
            settlement: ExpectedSettlement(
                payment: try row("payment"), amount: try row.money("amount", currency),
                refunded: try row.money("refunded", currency), returned: try row.money("returned", currency),
                withheld: try row.money("withheld", currency), fee: try row.money("fee", currency),
                feeVAT: try row.money("fee_vat", currency)),
            clinic: try row("clinic"), client: try row("client"), invoice: try row("invoice"),
            provider: try row.word("provider"), providerReference: try row("provider_reference"),
            isHeld: try row("is_held"), acceptedOn: try row("accepted_on"), expectedOn: try row("expected_on"))
    }
}
