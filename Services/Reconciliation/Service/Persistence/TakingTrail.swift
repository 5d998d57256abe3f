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

    /// What of a movement has left the till, and with which slip; with none, it was missing when the till was counted.
    private struct Gone {
        let remittance: RemittanceID?
        let amount: Money
    }

    /// A movement of a till with the day it was counted on.
    private struct Found {
        let movement: TillMovement
        let taking: TakingAnswer
        let countedOn: LocalDate?
    }

    /// What was taken and taken back of the money that was counted for an invoice, in the order of days.
    ///
    /// However many there are, each kind of thing is read once.
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
        let gone = try gone(found, in: organisation, &transaction)
        let slips = try remittances.find(
            Set(gone.joined().compactMap(\.remittance)), of: organisation, &transaction)
        let lines = try bank.find(Set(slips.values.compactMap(\.bankLine)), of: organisation, &transaction)
        let placed = try zip(found, gone).map { found, gone in try places(of: found.movement, gone, slips, lines) }
        let subjects = zip(found, placed).map { found, places in
            [found.movement.id.value] + places.compactMap { $0.remittance?.id.value }
        }
        let entries = try journals.entries(aboutEach: subjects, of: organisation, chart, &transaction)
        return found.indices.map { index in
            TakingTrailAnswer(
                taking: found[index].taking, countedOn: found[index].countedOn, places: placed[index],
                entries: entries[index].items, entriesInAll: entries[index].inAll)
        }
    }

    /// Where the parts of a movement are, all of it together.
    private func places(
        of movement: TillMovement, _ gone: [Gone], _ slips: [RemittanceID: RemittanceRecord],
        _ lines: [BankLineID: PendingBankLine]
    ) throws -> [TakingTrailAnswer.Place] {
        var (places, left) = ([TakingTrailAnswer.Place](), movement.amount)
        for part in gone {
            left = try left.subtracting(part.amount)
            guard let slip = part.remittance.flatMap({ slips[$0] }) else {
                places.append(TakingTrailAnswer.Place(.missing, part.amount))
                continue
            }
            let line = slip.bankLine.flatMap { lines[$0] }
            places.append(
                TakingTrailAnswer.Place(line == nil ? .underWay : .bank, part.amount, slip: slip, bankLine: line))
        }
        if !left.isZero { places.append(TakingTrailAnswer.Place(.till, left)) }
        return places
    }

    /// What has left the till of each movement: with its own slip, or of cash with those that brought it.
    private func gone(
        _ found: [Found], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [[Gone]] {
        let taken = found.map(\.movement).filter { $0.method.tender == .cash && $0.act == .taken }
        let cash = try cash(of: taken, in: organisation, &transaction)
        return found.map { found in
            let movement = found.movement
            guard movement.method.tender == .cash else {
                return found.taking.remittanceID.map { [Gone(remittance: $0, amount: movement.amount)] } ?? []
            }
            return movement.act == .taken ? cash[movement.payment] ?? [] : []
        }
    }

    /// Notes and coins have no names: what came in first goes first, to the bank or missing.
    ///
    /// What was taken back by now never was in the till; what was found more came in on the day it was counted.
    private func cash(
        of movements: [TillMovement], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [PaymentOnAccountID: [Gone]] {
        guard !movements.isEmpty else { return [:] }
        let clinics = Array(Set(movements.map(\.clinic)))
        let gone = try transaction.query(
            """
            WITH counted AS (
                SELECT clinic, currency, cash_up.day, cash_up.id::text || position AS place,
                    counted - expected AS surplus
                FROM cash_up_line JOIN cash_up ON cash_up.id = cash_up_line.cash_up
                WHERE cash_up.organisation = \(organisation) AND clinic = ANY(\(clinics)) AND tender = 'cash'
                    AND counted <> expected
            ), come AS (
                SELECT clinic, currency, payment, amount,
                    sum(amount) OVER (PARTITION BY clinic, currency ORDER BY day, place) AS upto
                FROM (
                    SELECT clinic, currency, payment, sum(amount) AS amount, min(day) AS day, min(id::text) AS place
                    FROM till_movement
                    WHERE organisation = \(organisation) AND clinic = ANY(\(clinics)) AND tender = 'cash'
                    GROUP BY clinic, currency, payment HAVING sum(amount) > 0
                    UNION ALL
                    SELECT clinic, currency, NULL, surplus, day, place FROM counted WHERE surplus > 0) AS inflow
            ), gone AS (
                SELECT clinic, currency, remittance, amount,
                    sum(amount) OVER (PARTITION BY clinic, currency ORDER BY day, place) AS upto
                FROM (
                    SELECT clinic, currency, id AS remittance, amount, made_on AS day, id::text AS place
                    FROM remittance
                    WHERE organisation = \(organisation) AND clinic = ANY(\(clinics)) AND tender = 'cash'
                        AND cancelled_at IS NULL
                    UNION ALL
                    SELECT clinic, currency, NULL, -surplus, day, place FROM counted WHERE surplus < 0) AS outflow
            )
            SELECT come.payment, currency, gone.remittance, (least(gone.upto, come.upto)
                - greatest(gone.upto - gone.amount, come.upto - come.amount))::bigint AS amount
            FROM come JOIN gone USING (clinic, currency)
            WHERE come.payment = ANY(\(movements.map(\.payment)))
                AND gone.upto > come.upto - come.amount AND gone.upto - gone.amount < come.upto
            ORDER BY come.payment, gone.upto
            """
        ) { row in
            let part = Gone(
                remittance: try row("remittance"), amount: try row.money("amount", try row.currency()))
            return (payment: try row("payment") as PaymentOnAccountID, part: part)
        }
        return Dictionary(grouping: gone, by: \.payment).mapValues { $0.map(\.part) }
    }
}
