import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

extension PaymentStore {
    /// Locks a payment for the rest of the transaction; `nil` when this organisation has none.
    ///
    /// With its attempts; ``withRefunds(_:in:)`` adds what few payments have.
    func locking(_ id: PaymentID, of organisation: OrganisationID) -> Query<PaymentRecord?> {
        whole("id = \(id) AND organisation = \(organisation) FOR UPDATE", id: "\(id)")
    }

    /// A payment; `nil` when this organisation has none.
    func finding(_ id: PaymentID, of organisation: OrganisationID) -> Query<PaymentRecord?> {
        whole("id = \(id) AND organisation = \(organisation)", id: "\(id)")
    }

    /// Reads the payment a link leads to, whoever's it is, with its account.
    func find(
        byTokenHash hash: [UInt8], with accounts: ProviderAccountStore, in transaction: inout PostgresTransaction
    ) throws -> (PaymentRecord, AccountRecord)? {
        let (found, account) = try transaction.read(
            linked(by: hash), accounts.finding(ofPayment: "token_hash = \(hash)"))
        guard let record = try withRefunds(found, in: &transaction), let account else { return nil }
        return (record, account)
    }

    /// Reads the payment a link leads to, whoever's it is, with the name of its clinic.
    func find(
        byTokenHash hash: [UInt8], with clinics: ClinicStore, in transaction: inout PostgresTransaction
    ) throws -> (PaymentRecord, String)? {
        let (found, name) = try transaction.read(linked(by: hash), clinics.name(ofPayment: "token_hash = \(hash)"))
        return try withRefunds(found, in: &transaction).map { ($0, name ?? "") }
    }

    private func linked(by hash: [UInt8]) -> Query<PaymentRecord?> {
        whole("token_hash = \(hash)", id: "(SELECT id FROM payment WHERE token_hash = \(hash))")
    }

    /// Reads a payment without its refunds, for whoever writes to its client, with its clinic's name.
    func find(
        _ id: PaymentID, of organisation: OrganisationID, with clinics: ClinicStore,
        in transaction: inout PostgresTransaction
    ) throws -> (PaymentRecord, String)? {
        let (record, name) = try transaction.read(
            finding(id, of: organisation), clinics.name(ofPayment: "payment.id = \(id)"))
        return record.map { ($0, name ?? "") }
    }

    /// Reads the one live payment of what is owed; `nil` when there is none.
    func findLive(
        for debt: Debt, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> PaymentRecord? {
        let live: SQL = """
            organisation = \(organisation) AND \(debt.ofPayments)
                AND state IN ('requested', 'starting', 'unknown', 'open', 'cancelling')
            """
        return try transaction.read(whole(live, id: "(SELECT id FROM payment WHERE \(live))"))
    }

    /// The newest free amount of this sum that a clinic asks a client for and that may still be paid.
    func findingLive(
        _ amount: Money, of client: ClientID, at clinic: ClinicID, _ organisation: OrganisationID
    ) -> Query<PaymentRecord?> {
        let newest: SQL = """
            organisation = \(organisation) AND client = \(client) AND clinic = \(clinic)
                AND invoice IS NULL AND receivable IS NULL
                AND amount = \(amount.minorUnits) AND currency = \(amount.currency.code)
                AND state = ANY(\(Self.live))
            ORDER BY id DESC LIMIT 1
            """
        return whole(newest, id: "(SELECT id FROM payment WHERE \(newest))")
    }

    private static var live: [String] { PaymentState.allCases.filter(\.isLive).map(\.rawValue) }

    /// Whether another payment may pay the same, or has; the one that this one's button leads to is none.
    ///
    /// Nothing names what a free amount is for: any other of the client's that is live, or was accepted since this one
    /// was asked for, may be for the same.
    func hasRival(of record: PaymentRecord, in transaction: inout PostgresTransaction) throws -> Bool {
        let (terms, organisation) = (record.payment.terms, record.organisation)
        guard let debt = terms.debt else { return try transaction.read(freeRival(of: record)) }
        let live = try findLive(for: debt, of: organisation, in: &transaction)
        return live.map { $0.id != record.id && $0.insteadOf != record.id } ?? false
    }

    private func freeRival(of record: PaymentRecord) -> Query<Bool> {
        // The provider's clock, which counts whole seconds, is not ours.
        let since = record.createdAt.adding(.seconds(-60))
        return .exists(
            """
            SELECT 1 AS one FROM payment
            WHERE organisation = \(record.organisation) AND client = \(record.payment.terms.client)
                AND invoice IS NULL AND receivable IS NULL AND id <> \(record.id)
                AND instead_of IS DISTINCT FROM \(record.id)
                AND (state = ANY(\(Self.live)) OR accepted_at >= \(since)
                    OR accepted_at IS NOT NULL AND id > \(record.id))
            LIMIT 1
            """)
    }

    /// Reads a payment; `nil` when this organisation has none.
    func find(_ id: PaymentID, of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws
        -> PaymentRecord?
    {
        try withRefunds(transaction.read(finding(id, of: organisation)), in: &transaction)
    }

    /// The payment of an account's attempt, by the provider's name or ours.
    func owner(
        ofReference reference: String, attempt: AttemptID?, account: ProviderAccountID,
        in transaction: inout PostgresTransaction
    ) throws -> PaymentRecord? {
        let id: PaymentID? = try transaction.first(
            """
            SELECT payment.id FROM attempt JOIN payment ON payment.id = attempt.payment
            WHERE payment.account = \(account) AND (attempt.reference = \(reference) OR attempt.id = \(attempt))
            ORDER BY attempt.id = \(attempt) DESC LIMIT 1
            """
        ) { row in try row("id") }
        guard let id else { return nil }
        return try withRefunds(transaction.read(whole("id = \(id)", id: "\(id)")), in: &transaction)
    }

    /// A payment that was read, with its refunds.
    func withRefunds(_ record: PaymentRecord?, in transaction: inout PostgresTransaction) throws -> PaymentRecord? {
        guard var record, record.payment.acceptance != nil else { return record }
        let refunds = try transaction.query("SELECT * FROM refund WHERE payment = \(record.id) ORDER BY id", refund)
        record.payment = record.payment.with(attempts: record.payment.attempts, refunds: refunds)
        return record
    }

    /// An organisation's payments without their attempts, newest first.
    func page(_ filter: SalesFilter, of organisation: OrganisationID, in transaction: inout PostgresTransaction)
        throws -> [PaymentRecord]
    {
        let heads = try transaction.query(
            """
            SELECT * FROM payment
            WHERE organisation = \(organisation)
                AND (\(filter.before)::uuid IS NULL OR id < \(filter.before))
                AND (\(filter.clinics)::uuid[] IS NULL OR clinic = ANY(\(filter.clinics)))
                AND (\(filter.state)::text IS NULL OR state = \(filter.state))
                AND (\(filter.client)::uuid IS NULL OR client = coalesce((
                    SELECT merged_into FROM client AS asked
                    WHERE asked.id = \(filter.client) AND asked.organisation = \(organisation)), \(filter.client)))
                AND (\(filter.invoice)::uuid IS NULL OR invoice = \(filter.invoice))
                AND (\(filter.receivable)::uuid IS NULL OR receivable = \(filter.receivable))
                AND (\(filter.provider?.rawValue)::text IS NULL OR provider = \(filter.provider?.rawValue))
                AND (\(filter.disposition)::text IS NULL OR disposition = \(filter.disposition))
                AND \(isHeld(filter.isHeld)) AND \(hasAlarm(filter.hasAlarm)) AND \(isLate(filter.isLate))
                AND (\(filter.dispute)::text IS NULL
                    OR disputes @> jsonb_build_array(jsonb_build_object('state', \(filter.dispute)::text)))
                AND (\(filter.plan?.code)::text IS NULL OR plan = \(filter.plan?.code))
                AND (\(filter.from)::date IS NULL OR created_at >= \(filter.from)::timestamp AT TIME ZONE \(zone))
                AND (\(filter.to)::date IS NULL OR created_at < \(filter.to?.adding(days: 1))::timestamp AT TIME ZONE \(zone))
                AND (\(filter.text)::text IS NULL OR strpos(lower(concat_ws(' ', details ->> 'firstName',
                    details ->> 'lastName', details ->> 'email', title, acceptance_reference)),
                    lower(\(filter.text))) > 0)
            ORDER BY id DESC LIMIT \(filter.rows)
            """, head)
        return try withRefunds(heads, in: &transaction)
    }

    /// The zone of a payment's clinic.
    private var zone: SQL { "coalesce(time_zone, \(calendar.name))" }

    /// How many payments of all organisations have an alarm nobody has decided about.
    func countAlarmed(in transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one("SELECT count(*) AS count FROM payment WHERE \(hasAlarm(true))") { row in try row("count") }
    }

    /// Few have one, and an index of its own finds them.
    private func hasAlarm(_ wanted: Bool?) -> SQL {
        switch wanted {
        case nil: "true"
        case true?: "alarms <> '[]'"
        case false?: "alarms = '[]'"
        }
    }

    /// Whether the client did not pay an instalment on its day, and has not since.
    private func isLate(_ wanted: Bool?) -> SQL {
        switch wanted {
        case nil: "true"
        case true?: #"instalments @> '[{"state":"late"}]'"#
        case false?: #"(instalments @> '[{"state":"late"}]') IS NOT TRUE"#
        }
    }

    /// Whether money is held for the client that did not go back yet, and is neither disputed nor charged back.
    ///
    /// A refund that nobody knows the end of is a person's affair still, and one that came back until it was noted that
    /// the client has the money in another way.
    ///
    /// What is held is few of all payments, and found by an index of its own.
    private func isHeld(_ wanted: Bool?) -> SQL {
        let left: SQL = """
            coalesce(accepted_amount, amount)
                - (SELECT coalesce(sum(refund.amount), 0) FROM refund
                    WHERE refund.payment = payment.id AND (refund.state = 'completed'
                        OR refund.state = 'returned' AND NOT alarms @> jsonb_build_array(jsonb_build_object(
                            'refundReturned', jsonb_build_object('reference', refund.reference)))))
                - (SELECT coalesce(sum((coalesce(dispute -> 'chargedBack', dispute -> 'risenTo', dispute -> 'amount')
                        ->> 'minorUnits')::bigint), 0)
                    FROM jsonb_array_elements(disputes) AS dispute WHERE dispute ->> 'state' <> 'won')
            """
        return switch wanted {
        case nil: "true"
        case true?: "disposition = 'held-for-client' AND \(left) > 0"
        case false?: "(disposition IS DISTINCT FROM 'held-for-client' OR \(left) <= 0)"
        }
    }

    /// Payments with their refunds: what can still be given back is not what was paid.
    private func withRefunds(
        _ records: [PaymentRecord], in transaction: inout PostgresTransaction
    ) throws -> [PaymentRecord] {
        let paid = records.filter { $0.payment.acceptance != nil }.map(\.id)
        guard !paid.isEmpty else { return records }
        let found = try transaction.query("SELECT * FROM refund WHERE payment = ANY(\(paid)) ORDER BY id") { row in
            (payment: try row("payment") as PaymentID, refund: try refund(row))
        }
        let refunds = Dictionary(grouping: found) { $0.payment }.mapValues { $0.map { $0.refund } }
        return records.map { record in
            var record = record
            let attempts = record.payment.attempts
            record.payment = record.payment.with(attempts: attempts, refunds: refunds[record.id] ?? [])
            return record
        }
    }

    /// Statements of their own: rows read by the one that locks could be older than what the lock waited for.
    private func whole(_ condition: SQL, id: SQL) -> Query<PaymentRecord?> {
        Query.first("SELECT * FROM payment WHERE \(condition)", head)
            .with(.all("SELECT * FROM attempt WHERE payment = \(id) ORDER BY started_at, id", attempt)) {
                head, attempts in
                guard var record = head else { return nil }
                record.payment = record.payment.with(attempts: attempts, refunds: [])
                return record
            }
    }

    // MARK: Rows

    /// A payment without its attempts and refunds.
    private func head(_ row: Row) throws -> PaymentRecord {
        let token = KeptToken(
            hash: try row("token_hash"),
            sealed: SealedText(bytes: try row("sealed_token"), keyID: try row("sealed_with")))
        return PaymentRecord(
            payment: try payment(row), organisation: try row("organisation"), clinic: try row("clinic"),
            client: try row.optionalJSON("details"), title: try row("title"), quote: try row.json("quote"),
            token: token, createdAt: try row("created_at"), timeZone: try row("time_zone"),
            insteadOf: try row("instead_of"), requestedBy: try row("requested_by"),
            awaitsCounting: try row("awaits_counting"), version: try row("version"), askAt: try row("ask_at"),
            questions: try row("questions"))
    }

    private func payment(_ row: Row) throws -> Payment {
        let terms = PaymentTerms(
            id: try row("id"), debt: Debt(invoice: try row("invoice"), receivable: try row("receivable")),
            client: try row("client"),
            amount: try row.money("amount", try row.currency()), plan: try row.plan("plan"),
            provider: try row.word("provider"), account: try row("account"), channel: try row.word("channel"),
            confirmation: try row("confirmation"),
            feeOffered: try row("fee_offered"), expiresAt: try row("expires_at"))
        return Payment(
            terms: terms, state: try row("state"), verification: try row.optionalJSON("verification"),
            linkAskedAt: try row("link_asked_at"), cancellation: try row("cancellation"),
            cancellationUnknown: try row("cancellation_unknown"), acceptance: try acceptance(row),
            refusal: try row("refusal"), disputes: try row.json("disputes"), alarms: try row.json("alarms"),
            noted: try row.json("noted"), isClientErased: try row("is_client_erased"))
    }

    private func acceptance(_ row: Row) throws -> Acceptance? {
        guard let reference: String = try row("acceptance_reference") else { return nil }
        let currency = try row.currency()
        // Rows from before amounts could differ have none of their own.
        let own: Int64? = try row("accepted_amount")
        let amount = try own.map { Money($0, currency) } ?? row.money("amount", currency)
        return Acceptance(
            reference: reference, amount: amount, at: try row("accepted_at"),
            schedule: try row.optionalJSON("schedule") ?? [],
            instalments: try row.optionalJSON("instalments") ?? [],
            fee: ProviderFee(net: try row.money("fee", currency), vat: try row.money("fee_vat", currency)),
            expectedPayoutOn: try row("expected_payout_on"), disposition: try row("disposition"))
    }

    private func attempt(_ row: Row) throws -> Attempt {
        Attempt(
            id: try row("id"), state: try row("state"), reference: try row("reference"), capture: try row("capture"),
            payURL: try row("pay_url"), isAgreed: try row("is_agreed"), startedAt: try row("started_at"),
            calledOffAt: try row("called_off_at"), givenBackAt: try row("given_back_at"),
            givenBackAs: try row("given_back_as"))
    }

    private func refund(_ row: Row) throws -> Refund {
        let (requestedAt, orderedAt): (Instant?, Instant) = (try row("requested_at"), try row("ordered_at"))
        return Refund(
            id: try row("id"), amount: try row.money("amount", try row.currency()), state: try row("state"),
            reference: try row("reference"), orderedAt: orderedAt, requestedAt: requestedAt ?? orderedAt)
    }
}

/// Which sales are listed.
struct SalesFilter: Sendable {
    var before: PaymentID?
    var clinics: [ClinicID]?
    var state: PaymentState?
    var client: ClientID?
    var invoice: InvoiceID?
    var receivable: ReceivableID?
    var provider: Provider?
    var plan: PaymentPlan?
    var disposition: Disposition?
    /// Whether a person still has to see to money that is held for the client.
    var isHeld: Bool?
    /// Whether it has an alarm nobody has decided about.
    var hasAlarm: Bool?
    /// Whether an instalment is late.
    var isLate: Bool?
    /// Those with a dispute that came so far.
    var dispute: Dispute.State?
    /// The days, its clinic's, on which the payment was asked for.
    var from: LocalDate?
    var to: LocalDate?
    /// Part of the client's name or address, of the title, or of the provider's name for the payment.
    var text: String?
    var rows: Int
}
