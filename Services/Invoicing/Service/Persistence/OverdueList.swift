import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Something that is late.
struct OverdueRow: Sendable {
    let debt: Debt
    let clinic: ClinicID
    let client: ClientID
    let title: String
    let due: Money
    let dueOn: LocalDate
    /// The highest level that it was announced at since it was last due again, if it was; 0 for none.
    let level: Int
    /// As `Buyer.isBusiness` of its document; where it has none, of its client by now.
    let isBusiness: Bool
    /// When the client itself last paid a part of it that was not taken back; credit counts as of the day it came.
    let paidOn: LocalDate?
}

/// What one clinic is owed, by how late it is.
struct AgeingRow: Sendable {
    let clinic: ClinicID
    var sums: [AgeingBucket: Money]
}

/// What is late; of all clinics when `clinics` is nil.
struct OverdueList {
    /// Debts due before a day, oldest due date first.
    func overdue(
        of organisation: OrganisationID, at clinics: [ClinicID]?, on day: LocalDate, after place: DebtList.Place,
        rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [OverdueRow] {
        let (after, page): (SQL, SQL) = ("\(place.dueOn), \(place.id)::uuid", "LIMIT \(Int64(rows))")
        var debts = Self.open(
            of: organisation, "AND due_on < \(day) AND (due_on, id) > (\(after)) ORDER BY due_on, id \(page)")
        if let clinics {
            // Each has its own order, as in `ClinicRows`, and is said as a range for the same reason.
            let theirs = Self.open(
                of: organisation,
                """
                AND (clinic, due_on) < (asked, \(day)) AND (clinic, due_on, id) > (asked, \(after))
                ORDER BY clinic, due_on, id \(page)
                """)
            debts = "SELECT theirs.* FROM unnest(\(clinics)) AS asked CROSS JOIN LATERAL (\(theirs)) AS theirs"
        }
        return try transaction.query(
            """
            SELECT debt.*, coalesce((SELECT max(level) FROM dunning
                WHERE (dunning.invoice = debt.id OR dunning.receivable = debt.id)
                    AND dunning.time_due_again = debt.times_due_again), 0) AS level,
                CASE WHEN invoiced THEN EXISTS (SELECT FROM document_parties AS parties
                    WHERE parties.document = debt.id AND coalesce(buyer ->> 'siren', buyer ->> 'vatNumber') IS NOT NULL)
                ELSE EXISTS (SELECT FROM billing_details AS billing
                    WHERE billing.client = debt.client AND coalesce(siren, vat_number) IS NOT NULL) END AS is_business,
                (SELECT max((SELECT received_on FROM payment_on_account AS money
                        WHERE money.id = allocation.payment_on_account AND money.payer_name IS NULL
                            AND coalesce(money.payer, debt.client) = debt.client))
                    FROM allocation WHERE allocation.amount > 0
                        AND (allocation.invoice = debt.id OR allocation.receivable = debt.id)) AS paid_on
            FROM (SELECT * FROM (\(debts)) AS late ORDER BY due_on, id \(page)) AS debt ORDER BY due_on, id
            """
        ) { row in
            let level: Int32 = try row("level")
            return OverdueRow(
                debt: try debt(row), clinic: try row("clinic"), client: try row("client"), title: try row("title"),
                due: try row.money("due", try row.currency()), dueOn: try row("due_on"), level: Int(level),
                isBusiness: try row("is_business"), paidOn: try row("paid_on"))
        }
    }

    /// What each clinic is owed in one currency, by how late it is on a day.
    func ageing(
        of organisation: OrganisationID, at clinics: [ClinicID]?, on day: LocalDate, in currency: Currency,
        _ transaction: inout PostgresTransaction
    ) throws -> [AgeingRow] {
        let sums = try transaction.query(
            """
            SELECT clinic, sum(due) FILTER (WHERE late <= 0)::bigint AS not_due,
                sum(due) FILTER (WHERE late BETWEEN 1 AND 30)::bigint AS up_to_30,
                sum(due) FILTER (WHERE late BETWEEN 31 AND 60)::bigint AS up_to_60,
                sum(due) FILTER (WHERE late BETWEEN 61 AND 90)::bigint AS up_to_90,
                sum(due) FILTER (WHERE late > 90)::bigint AS over_90
            FROM (SELECT *, \(day) - due_on AS late FROM (\(Self.open(of: organisation))) AS open) AS debt
            WHERE currency = \(currency.code) AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            GROUP BY clinic ORDER BY clinic
            """
        ) { row in
            let columns: [(AgeingBucket, String)] = [
                (.notDue, "not_due"), (.upTo30, "up_to_30"), (.upTo60, "up_to_60"), (.upTo90, "up_to_90"),
                (.over90, "over_90"),
            ]
            let found = try columns.map { ($0, Money(try row($1) as Int64? ?? 0, currency)) }
            return AgeingRow(clinic: try row("clinic"), sums: Dictionary(found) { first, _ in first })
        }
        return sums
    }

    /// Debts whose next level has come (`DunningLevels.next`), of clients whose dunning is not paused.
    ///
    /// It is the clinic's own day that counts (C-09). What was settled and is due again counts from then.
    func reached(
        _ levels: DunningLevels, of organisation: OrganisationID, at now: Instant, after place: DebtList.Place,
        rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ReachedLevel] {
        let days = levels.levels.map { Int32($0.daysLate) }
        guard let first = days.first else { return [] }
        return try transaction.query(
            """
            SELECT late.id, late.invoiced, late.due_on, late.today FROM (
                SELECT debt.id, invoiced, due_on, greatest(due_on, due_again_on) AS since, times_due_again,
                    (\(now) AT TIME ZONE time_zone)::date AS today, client
                FROM (\(Self.open(of: organisation))) AS debt JOIN clinic ON clinic.id = debt.clinic
            ) AS late JOIN client ON client.id = late.client
                LEFT JOIN LATERAL (SELECT level, reached_on FROM dunning
                    WHERE (dunning.invoice = late.id OR dunning.receivable = late.id)
                        AND dunning.time_due_again = late.times_due_again
                    ORDER BY level DESC LIMIT 1) AS last ON true
            WHERE late.today - late.since >= \(first)
                AND (late.due_on, late.id) > (\(place.dueOn), \(place.id)::uuid)
                AND (client.dunning_paused_until IS NULL OR client.dunning_paused_until < late.today)
                AND late.today - late.since >= (\(days)::int[])[coalesce(last.level, 0) + 1]
                AND (last.level IS NULL OR late.today - last.reached_on
                    >= (\(days)::int[])[last.level + 1] - (\(days)::int[])[last.level])
            ORDER BY late.due_on, late.id LIMIT \(Int64(rows))
            """
        ) { row in
            ReachedLevel(debt: try debt(row), dueOn: try row("due_on"), today: try row("today"))
        }
    }

    private func debt(_ row: Row) throws -> Debt {
        let isInvoiced: Bool = try row("invoiced")
        return isInvoiced ? .invoice(try row("id")) : .receivable(try row("id"))
    }

    /// What is owed; of each table the rows that also meet what is said further, in its order.
    private static func open(of organisation: OrganisationID, _ further: SQL = "") -> SQL {
        """
        (SELECT id, true AS invoiced, clinic, client, number AS title, currency,
            total - paid - credited - written_off AS due, due_on, times_due_again, due_again_on
        FROM invoice WHERE organisation = \(organisation) AND number IS NOT NULL
            AND paid + credited + written_off < total \(further))
        UNION ALL
        (SELECT id, false, clinic, client, label, currency, amount - paid - credited - written_off, due_on,
            times_due_again, due_again_on
        FROM receivable WHERE organisation = \(organisation) AND paid + credited + written_off < amount \(further))
        """
    }
}

/// A debt that reached a level nobody was told of.
struct ReachedLevel: Sendable {
    let debt: Debt
    let dueOn: LocalDate
    /// The day it is at its clinic.
    let today: LocalDate
}
