import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Follows what tills took for an invoice to the bank; nothing is written through it.
struct TakingTrail {
    let remittances = RemittanceStore()
    let bank = BankStore()
    let journals = JournalStore()

    /// Movements that are followed of one invoice.
    static let followedMax = 1_000

    /// A movement of a till with the day it was counted on.
    private struct Found {
        let movement: TillMovement
        let taking: TakingAnswer
        let countedOn: LocalDate?
    }

    /// What was taken and taken back of the money that was counted for an invoice, in the order of days.
    func answers(
        of invoice: InvoiceID, in organisation: OrganisationID, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> [TakingTrailAnswer] {
        let found = try transaction.query(
            """
            SELECT \(TillStore.columns), \(TillStore.waits) AS is_waiting, till_movement.remittance,
                remittance.reference, cash_up.day AS counted_on
            FROM till_movement LEFT JOIN remittance ON remittance.id = till_movement.remittance
                LEFT JOIN cash_up ON cash_up.id = till_movement.cash_up
            WHERE till_movement.organisation = \(organisation) AND till_movement.payment IN (
                SELECT receipt.payment FROM vat_receipt AS receipt
                WHERE receipt.invoice = \(invoice) AND receipt.organisation = \(organisation))
            ORDER BY till_movement.day, till_movement.id LIMIT \(Int64(Self.followedMax))
            """
        ) { row in
            let movement = try TillStore.read(row)
            let countedOn: LocalDate? = try row("counted_on")
            let taking = TakingAnswer(
                movement, isWaiting: try row("is_waiting"), isCounted: countedOn != nil,
                remittanceID: try row("remittance"), remittanceReference: try row("reference"))
            return Found(movement: movement, taking: taking, countedOn: countedOn)
        }
        var answers: [TakingTrailAnswer] = []
        for found in found { answers.append(try answer(found, in: organisation, chart, &transaction)) }
        return answers
    }

    private func answer(
        _ found: Found, in organisation: OrganisationID, _ chart: Chart, _ transaction: inout PostgresTransaction
    ) throws -> TakingTrailAnswer {
        let movement = found.movement
        var (places, left) = ([TakingTrailAnswer.Place](), movement.amount)
        for part in try gone(found, in: organisation, &transaction) {
            left = try left.subtracting(part.amount)
            guard let id = part.remittance, let slip = try remittances.find(id, of: organisation, &transaction) else {
                places.append(TakingTrailAnswer.Place(.missing, part.amount))
                continue
            }
            let line = try slip.bankLine.flatMap { try bank.find($0, of: organisation, &transaction) }
            places.append(
                TakingTrailAnswer.Place(line == nil ? .underWay : .bank, part.amount, slip: slip, bankLine: line))
        }
        if !left.isZero { places.append(TakingTrailAnswer.Place(.till, left)) }
        let subjects = [movement.id.value] + places.compactMap { $0.remittance?.id.value }
        let entries = try journals.entries(about: subjects, of: organisation, chart, &transaction)
        return TakingTrailAnswer(
            taking: found.taking, countedOn: found.countedOn, places: places, entries: entries.items,
            entriesInAll: entries.inAll)
    }

    /// What of a movement has left the till, and with which slip; with none, it was missing when the till was counted.
    private func gone(
        _ found: Found, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [(remittance: RemittanceID?, amount: Money)] {
        let movement = found.movement
        guard movement.method.tender == .cash else {
            guard let slip = found.taking.remittanceID else { return [] }
            return [(remittance: slip, amount: movement.amount)]
        }
        guard movement.act == .taken else { return [] }
        return try transaction.query(cash(of: movement, in: organisation)) { row in
            (remittance: try row("remittance"), amount: try row.money("amount", movement.amount.currency))
        }
    }

    /// Notes and coins have no names: what came in first goes first, to the bank or missing.
    ///
    /// What was taken back by now never was in the till; what was found more came in on the day it was counted.
    private func cash(of movement: TillMovement, in organisation: OrganisationID) -> SQL {
        let (clinic, currency) = (movement.clinic, movement.amount.currency.code)
        return """
            WITH counted AS (
                SELECT cash_up.day, cash_up.id::text || position AS place, counted - expected AS surplus
                FROM cash_up_line JOIN cash_up ON cash_up.id = cash_up_line.cash_up
                WHERE cash_up.organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                    AND currency = \(currency) AND counted <> expected
            ), come AS (
                SELECT payment, amount, sum(amount) OVER (ORDER BY day, place) AS upto
                FROM (
                    SELECT payment, sum(amount) AS amount, min(day) AS day, min(id::text) AS place
                    FROM till_movement
                    WHERE organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                        AND currency = \(currency)
                    GROUP BY payment HAVING sum(amount) > 0
                    UNION ALL
                    SELECT NULL, surplus, day, place FROM counted WHERE surplus > 0) AS inflow
            ), gone AS (
                SELECT remittance, amount, sum(amount) OVER (ORDER BY day, place) AS upto
                FROM (
                    SELECT id AS remittance, amount, made_on AS day, id::text AS place FROM remittance
                    WHERE organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                        AND currency = \(currency) AND cancelled_at IS NULL
                    UNION ALL
                    SELECT NULL, -surplus, day, place FROM counted WHERE surplus < 0) AS outflow
            )
            SELECT gone.remittance, (least(gone.upto, come.upto)
                - greatest(gone.upto - gone.amount, come.upto - come.amount))::bigint AS amount
            FROM come JOIN gone
                ON gone.upto > come.upto - come.amount AND gone.upto - gone.amount < come.upto
            WHERE come.payment = \(movement.payment) ORDER BY gone.upto
            """
    }
}
