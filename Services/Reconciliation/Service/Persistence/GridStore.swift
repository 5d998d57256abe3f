import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The grids that can be written as files (REC-7).
enum Grid: String, CaseIterable, Sendable {
    case fees, payouts, discrepancies, entries
    case bankLines = "bank-lines"
    case takings, remittances, statistics
    case cashUps = "cash-ups"
    case vatReceipts = "vat-receipts"
    case expectedPayouts = "expected-payouts"
    case baskets
    case accountSums = "account-sums"
    case heldDifferences = "held-differences"
    case clearings

    var columns: [String] {
        switch self {
        case .fees:
            [
                "payment", "invoice", "client", "provider", "day", "currency", "amount", "refunded",
                "fee_without_vat", "fee_vat", "net", "expected_on", "payout", "paid", "kind",
                "clinician", "clinic", "account", "reason", "rule", "cleared_into",
            ]
        case .payouts:
            [
                "payout", "provider", "reference", "paid_on", "currency", "amount", "pointed_by", "rule", "bank_line",
                "no_line_because", "account", "reason", "undone_by", "undone_on", "cleared_into",
            ]
        case .discrepancies:
            [
                "discrepancy", "kind", "subject", "payment", "payout", "currency", "amount", "opened_on", "closed_on",
                "owner", "closed_by", "closed_because", "account", "cleared_into",
            ]
        case .entries:
            [
                "entry", "year", "number", "journal", "booked_on", "happened_on", "piece", "kind", "label", "account",
                "account_label", "currency", "debit", "credit",
            ]
        case .bankLines:
            [
                "bank_line", "iban", "reference", "booked_on", "currency", "amount", "payout", "remittance", "text",
            ]
        case .takings:
            [
                "taking", "clinic", "day", "receipt", "client", "method", "kind", "currency", "amount",
                "taken_back_because", "remittance",
            ]
        case .cashUps:
            [
                "clinic", "day", "method", "kind", "currency", "expected", "counted", "difference", "account",
                "reason", "closed_by", "closed_on", "cleared_into",
            ]
        case .vatReceipts: ["day", "rate", "currency", "amount", "base", "vat"]
        case .expectedPayouts: ["expected_on", "provider", "currency", "payments", "late", "net"]
        case .baskets: ["basket", "currency", "accepted", "amount"]
        case .accountSums: ["account", "label", "currency", "debit", "credit", "balance"]
        case .heldDifferences: HeldDifferenceStore.heldColumns
        case .clearings: HeldDifferenceStore.clearingColumns
        case .remittances:
            [
                "remittance", "clinic", "kind", "reference", "made_on", "currency", "amount", "pointed_by", "rule",
                "bank_line", "account", "reason", "cancelled_by", "cleared_into",
            ]
        case .statistics:
            [
                "begins_on", "clinic", "provider", "plan", "currency", "accepted", "refused", "cancelled", "expired",
                "amount", "fee_without_vat", "fee_vat", "average_basket", "in_instalments", "instalment_share",
            ]
        }
    }
}

/// Rows of grids for files of any length; nothing is written through it.
struct GridStore {
    /// Of what no clinic did.
    let usualZone: String

    /// What a file is of: the days a grid is by are those people look for.
    struct Period: Sendable {
        let from: LocalDate
        let to: LocalDate
    }

    func cursor(
        _ selection: GridSelection, of organisation: OrganisationID, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        let tills = TillGrids(usualZone: usualZone)
        return switch selection {
        case .fees(let filter): try await FeeStore().cursor(of: organisation, filter, in: database)
        case .payouts(let filter):
            try await database.cursor(organisation: organisation, payouts(organisation, filter), payout)
        case .discrepancies(let filter, let period):
            try await database.cursor(
                organisation: organisation, discrepancies(organisation, filter, period), discrepancy)
        case .entries(let filter): try await JournalStore().cursor(of: organisation, filter, in: database)
        case .bankLines(let filter):
            try await database.cursor(organisation: organisation, bankLines(organisation, filter), bankLine)
        case .takings(let filter): try await tills.takings(of: organisation, filter, in: database)
        case .cashUps(let filter): try await tills.cashUps(of: organisation, filter, in: database)
        case .remittances(let period): try await tills.remittances(of: organisation, period, in: database)
        case .statistics(let filter): try await StatisticStore().cursor(of: organisation, filter, in: database)
        case .vatReceipts(let period): try await VATReceiptList().cursor(of: organisation, period, in: database)
        case .expectedPayouts(let period, let provider):
            try await ExpectedPayoutList().cursor(of: organisation, period, provider, in: database)
        case .baskets(let filter): try await StatisticStore().basketCursor(of: organisation, filter, in: database)
        case .accountSums(let period): try await JournalStore().sumCursor(of: organisation, period, in: database)
        case .heldDifferences(let period, let isCleared):
            try await HeldDifferenceStore().cursor(of: organisation, period, isCleared: isCleared, in: database)
        case .clearings(let period):
            try await HeldDifferenceStore().clearingCursor(of: organisation, period, zone: usualZone, in: database)
        }
    }

    private func payouts(_ organisation: OrganisationID, _ filter: PayoutFilter) -> SQL {
        """
        SELECT payout.id::text, provider, payout.reference, paid_on, payout.currency, payout.amount, pointed_by, rule,
            coalesce(payout.bank_line::text, (
                SELECT string_agg(joined.bank_line::text, ' ' ORDER BY joined.bank_line)
                FROM joint_pointing_line AS joined
                WHERE joined.joint_pointing = payout.joint_pointing AND joined.is_live)) AS bank_line,
            no_line_because,
            CASE WHEN joint_pointing IS NOT NULL OR line.amount <> payout.amount THEN tolerance_account
                ELSE no_line_account END AS account,
            CASE WHEN joint_pointing IS NOT NULL OR line.amount <> payout.amount THEN tolerance_because END AS reason,
            undone_by, undone_on, \(HeldDifferenceStore.clearing(of: "payout.id"))
        FROM payout LEFT JOIN bank_line AS line ON line.id = payout.bank_line
            LEFT JOIN LATERAL (
                SELECT undone_by, (undone_at AT TIME ZONE \(usualZone))::date AS undone_on FROM pointing_undone
                WHERE pointing_undone.payout = payout.id ORDER BY run DESC LIMIT 1) AS undone ON true
        WHERE \(filter.condition(of: organisation))
        ORDER BY paid_on, payout.id
        """
    }

    @Sendable private func payout(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), Cell(code: try row("provider")), .text(try row("reference")),
            .day(try row("paid_on")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(author: try row("pointed_by")),
            Cell(code: try row("rule")), Cell(try row("bank_line") as String?),
            Cell(try row("no_line_because") as String?), Cell(try row("account") as String?),
            Cell(try row("reason") as String?), Cell(author: try row("undone_by")),
            Cell(try row("undone_on") as LocalDate?), Cell(try row("cleared_into") as String?),
        ]
    }

    private func discrepancies(
        _ organisation: OrganisationID, _ filter: DiscrepancyFilter, _ period: Period
    ) -> SQL {
        """
        SELECT id::text, kind, subject, payment::text, payout::text, currency, amount,
            (opened_at AT TIME ZONE \(usualZone))::date AS opened_on,
            (closed_at AT TIME ZONE \(usualZone))::date AS closed_on, owner, closed_by, closed_because,
            closed_into, \(HeldDifferenceStore.clearing(of: "discrepancy.id"))
        FROM discrepancy
        WHERE \(filter.condition(of: organisation))
            AND opened_at >= \(period.from)::timestamp AT TIME ZONE \(usualZone)
            AND opened_at < \(period.to.adding(days: 1))::timestamp AT TIME ZONE \(usualZone)
        ORDER BY opened_at, id
        """
    }

    @Sendable private func discrepancy(_ row: Row) throws -> [Cell] {
        let amount: Int64? = try row("amount")
        return [
            Cell.text(try row("id")), Cell(code: try row("kind")), .text(try row("subject")),
            Cell(try row("payment") as String?), Cell(try row("payout") as String?),
            Cell(try row("currency") as String?), Cell(try amount.map { Money($0, try row.currency()) }),
            .day(try row("opened_on")), Cell(try row("closed_on") as LocalDate?), Cell(try row("owner") as String?),
            Cell(try row("closed_by") as String?), Cell(try row("closed_because") as String?),
            Cell(try row("closed_into") as String?), Cell(try row("cleared_into") as String?),
        ]
    }

    private func bankLines(_ organisation: OrganisationID, _ filter: BankLineFilter) -> SQL {
        """
        SELECT bank_line.id::text, iban, bank_line.reference, booked_on, bank_line.currency, bank_line.amount,
            coalesce(payout.reference, (
                SELECT string_agg(joined.reference, ' ' ORDER BY joined.reference)
                FROM joint_pointing_line AS line JOIN payout AS joined ON joined.joint_pointing = line.joint_pointing
                WHERE line.bank_line = bank_line.id AND line.is_live)) AS payout_reference,
            remittance.reference AS remittance_reference, description
        FROM bank_line LEFT JOIN payout ON payout.bank_line = bank_line.id
            LEFT JOIN remittance ON remittance.bank_line = bank_line.id
            LEFT JOIN joint_pointing_line AS joint ON joint.bank_line = bank_line.id AND joint.is_live
        WHERE \(filter.condition(of: organisation))
        ORDER BY booked_on, bank_line.id
        """
    }

    @Sendable private func bankLine(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), .text(try row("iban")), .text(try row("reference")),
            .day(try row("booked_on")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(try row("payout_reference") as String?),
            Cell(try row("remittance_reference") as String?), .text(try row("description")),
        ]
    }
}
