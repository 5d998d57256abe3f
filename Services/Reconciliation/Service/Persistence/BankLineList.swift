import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which bank lines are asked for; nil is any.
struct BankLineFilter: Sendable {
    let iban: String?
    let from: LocalDate?
    let to: LocalDate?
    /// Whether a payout or a remittance was pointed to it.
    let isMatched: Bool?
    let minorUnits: Int64?

    /// Of `bank_line` with the payout, the remittance and the line of a joint pointing that are pointed to it.
    func condition(of organisation: OrganisationID) -> SQL {
        """
        bank_line.organisation = \(organisation)
            AND (\(iban)::text IS NULL OR bank_line.iban = \(iban))
            AND (\(from)::date IS NULL OR bank_line.booked_on >= \(from))
            AND (\(to)::date IS NULL OR bank_line.booked_on <= \(to))
            AND (\(minorUnits)::bigint IS NULL OR bank_line.amount = \(minorUnits))
            AND (\(isMatched)::boolean IS NULL
                OR (coalesce(payout.id, remittance.id, joint.joint_pointing) IS NOT NULL) = \(isMatched))
        """
    }
}

/// Bank lines in lists, the latest import first; nothing is written through it.
struct BankLineList {
    func lines(
        of organisation: OrganisationID, _ filter: BankLineFilter, before id: BankLineID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [BankLineAnswer] {
        try transaction.query(
            """
            SELECT bank_line.id, iban, bank_line.reference, bank_line.currency, bank_line.amount, booked_on, description,
                payout.id AS payout, payout.reference AS payout_reference, remittance.id AS remittance,
                remittance.reference AS remittance_reference, joint.joint_pointing
            FROM bank_line LEFT JOIN payout ON payout.bank_line = bank_line.id
                LEFT JOIN remittance ON remittance.bank_line = bank_line.id
                LEFT JOIN joint_pointing_line AS joint ON joint.bank_line = bank_line.id AND joint.is_live
            WHERE \(filter.condition(of: organisation)) AND bank_line.id < \(id)
            ORDER BY bank_line.id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            BankLineAnswer(
                id: try row("id"), iban: try row("iban"), amount: try row.money("amount", try row.currency()),
                bookedOn: try row("booked_on"), text: try row("description"), reference: try row("reference"),
                payoutID: try row("payout"), payoutReference: try row("payout_reference"),
                jointPointingID: (try row("joint_pointing") as UInt128?).map { JointPointingID($0) },
                remittanceID: try row("remittance"), remittanceReference: try row("remittance_reference"))
        }
    }
}
