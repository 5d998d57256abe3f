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

    var columns: [String] {
        switch self {
        case .fees:
            [
                "payment", "invoice", "client", "provider", "day", "currency", "amount", "refunded",
                "fee_without_vat", "fee_vat", "net", "expected_on", "payout", "paid", "kind",
                "clinician",
            ]
        case .payouts:
            [
                "payout", "provider", "reference", "paid_on", "currency", "amount", "pointed_by", "rule", "bank_line",
                "no_line_because", "account", "reason", "undone_by", "undone_on",
            ]
        case .discrepancies:
            [
                "discrepancy", "kind", "subject", "payment", "payout", "currency", "amount", "opened_on", "closed_on",
                "owner", "closed_by", "closed_because",
            ]
        case .entries:
            [
                "year", "number", "journal", "booked_on", "happened_on", "piece", "kind", "account", "currency",
                "debit", "credit",
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
                "reason", "closed_by", "closed_on",
            ]
        case .vatReceipts: ["day", "rate", "currency", "amount", "base", "vat"]
        case .expectedPayouts: ["expected_on", "provider", "currency", "payments", "late", "net"]
        case .baskets: ["basket", "currency", "accepted", "amount"]
        case .accountSums: ["account", "label", "currency", "debit", "credit", "balance"]
        case .remittances:
            [
                "remittance", "clinic", "kind", "reference", "made_on", "currency", "amount", "pointed_by", "rule",
                "bank_line", "account", "reason", "cancelled_by",
            ]
        case .statistics:
            [
                "month", "clinic", "provider", "plan", "currency", "accepted", "refused", "cancelled", "expired",
                "amount", "fee_without_vat", "fee_vat", "average_basket",
            ]
        }
    }
}

/// Rows of grids for files of any length; nothing is written through it.
struct GridStore {
    /// What a file is of: the days a grid is by are those people look for.
    struct Period: Sendable {
        let from: LocalDate
        let to: LocalDate
    }

    func cursor(
        _ grid: Grid, of organisation: OrganisationID, _ period: Period, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        switch grid {
        case .fees:
            try await FeeStore().cursor(
                of: organisation, FeeFilter(from: period.from, to: period.to, paid: .all), in: database)
        case .payouts:
            try await database.cursor(organisation: organisation, payouts(organisation, period), payout)
        case .discrepancies:
            try await database.cursor(
                organisation: organisation, discrepancies(organisation, period), discrepancy)
        case .entries: try await database.cursor(organisation: organisation, entries(organisation, period), entry)
        case .bankLines:
            try await database.cursor(organisation: organisation, bankLines(organisation, period), bankLine)
        case .statistics:
            try await StatisticStore().cursor(
                of: organisation,
                StatisticFilter(from: period.from, to: period.to, span: .month, clinic: nil), in: database)
        case .vatReceipts:
            try await VATReceiptList().cursor(of: organisation, period, in: database)
        case .expectedPayouts:
            try await ExpectedPayoutList().cursor(of: organisation, period, in: database)
        case .baskets:
            try await StatisticStore().basketCursor(
                of: organisation,
                StatisticFilter(from: period.from, to: period.to, span: .day, clinic: nil), in: database)
        case .accountSums: try await JournalStore().sumCursor(of: organisation, period, in: database)
        case .takings, .cashUps, .remittances:
            try await TillGrids().cursor(grid, of: organisation, period, in: database)
        }
    }

    private func payouts(_ organisation: OrganisationID, _ period: Period) -> SQL {
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
            undone_by, undone_on
        FROM payout LEFT JOIN bank_line AS line ON line.id = payout.bank_line
            LEFT JOIN LATERAL (
                SELECT undone_by, undone_at::date AS undone_on FROM pointing_undone
                WHERE pointing_undone.payout = payout.id ORDER BY run DESC LIMIT 1) AS undone ON true
        WHERE payout.organisation = \(organisation) AND paid_on BETWEEN \(period.from) AND \(period.to)
        ORDER BY paid_on, payout.id
        """
    }

    @Sendable private func payout(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), .text(try row("provider")), .text(try row("reference")),
            .day(try row("paid_on")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(try row("pointed_by") as String?),
            Cell(try row("rule") as String?), Cell(try row("bank_line") as String?),
            Cell(try row("no_line_because") as String?), Cell(try row("account") as String?),
            Cell(try row("reason") as String?), Cell(try row("undone_by") as String?),
            Cell(try row("undone_on") as LocalDate?),
        ]
    }

    private func discrepancies(_ organisation: OrganisationID, _ period: Period) -> SQL {
        """
        SELECT id::text, kind, subject, payment::text, payout::text, currency, amount, opened_at::date AS opened_on,
            closed_at::date AS closed_on, owner, closed_by, closed_because
        FROM discrepancy
        WHERE organisation = \(organisation) AND opened_at >= \(period.from)
            AND opened_at < \(period.to.adding(days: 1))
        ORDER BY opened_at, id
        """
    }

    @Sendable private func discrepancy(_ row: Row) throws -> [Cell] {
        let amount: Int64? = try row("amount")
        return [
            Cell.text(try row("id")), .text(try row("kind")), .text(try row("subject")),
            Cell(try row("payment") as String?), Cell(try row("payout") as String?),
            Cell(try row("currency") as String?), Cell(try amount.map { Money($0, try row.currency()) }),
            .day(try row("opened_on")), Cell(try row("closed_on") as LocalDate?), Cell(try row("owner") as String?),
            Cell(try row("closed_by") as String?), Cell(try row("closed_because") as String?),
        ]
    }

    private func entries(_ organisation: OrganisationID, _ period: Period) -> SQL {
        """
        SELECT financial_year, validated_entry.number, validated_entry.journal, booked_on,
            coalesce(happened_on, booked_on) AS happened_on, coalesce(nullif(piece, ''), subject::text) AS piece, kind,
            coalesce(period_account.number, own.number, chart_account.number, ledger_line.account) AS account,
            ledger_line.currency, amount
        FROM ledger_entry
            JOIN ledger_line ON ledger_line.entry = ledger_entry.id
            LEFT JOIN validated_entry ON validated_entry.entry = ledger_entry.id
            LEFT JOIN period_account ON period_account.period = validated_entry.period
                AND period_account.account = \(PeriodStore.accountOfLine)
            LEFT JOIN bank_account AS own ON own.organisation = ledger_line.organisation
                AND own.iban = ledger_line.bank
            LEFT JOIN chart_account ON chart_account.organisation = ledger_line.organisation
                AND chart_account.account = ledger_line.account
        WHERE ledger_entry.organisation = \(organisation) AND booked_on BETWEEN \(period.from) AND \(period.to)
        ORDER BY booked_on, ledger_entry.id, position
        """
    }

    @Sendable private func entry(_ row: Row) throws -> [Cell] {
        let amount = try row.money("amount", try row.currency())
        let (year, number): (Int64?, Int64?) = (try row("financial_year"), try row("number"))
        return [
            year.map(Cell.number) ?? .empty, number.map(Cell.number) ?? .empty, Cell(try row("journal") as String?),
            .day(try row("booked_on")), .day(try row("happened_on")), .text(try row("piece")),
            .text(try row("kind")), .text(try row("account")), .text(amount.currency.code),
            .amount(amount.isPositive ? amount : .zero(amount.currency)),
            .amount(amount.isPositive ? .zero(amount.currency) : try amount.negated()),
        ]
    }

    private func bankLines(_ organisation: OrganisationID, _ period: Period) -> SQL {
        """
        SELECT bank_line.id::text, iban, bank_line.reference, booked_on, bank_line.currency, bank_line.amount,
            coalesce(payout.reference, (
                SELECT string_agg(joined.reference, ' ' ORDER BY joined.reference)
                FROM joint_pointing_line AS line JOIN payout AS joined ON joined.joint_pointing = line.joint_pointing
                WHERE line.bank_line = bank_line.id AND line.is_live)) AS payout_reference,
            remittance.reference AS remittance_reference, description
        FROM bank_line LEFT JOIN payout ON payout.bank_line = bank_line.id
            LEFT JOIN remittance ON remittance.bank_line = bank_line.id
        WHERE bank_line.organisation = \(organisation) AND booked_on BETWEEN \(period.from) AND \(period.to)
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
