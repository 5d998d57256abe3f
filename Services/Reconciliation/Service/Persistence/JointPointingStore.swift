import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What one payout has of a joint pointing.
struct JointShare: Sendable {
    let pointing: JointPointingID
    let received: Money
    let bookedOn: LocalDate
}

/// Payouts and bank lines that were pointed as a whole.
struct JointPointingStore {
    func insert(_ joint: JointPointing, as id: JointPointingID, by actor: String, in change: inout Change) throws {
        let (organisation, shares) = (change.cause.organisation, try joint.shares())
        change.executeLater(
            """
            INSERT INTO joint_pointing (id, organisation, rule, currency, difference, account, reason, booked_on, made_by)
            VALUES (\(id.value), \(organisation), \(joint.rule.rawValue), \(joint.difference.currency.code),
                \(joint.difference.minorUnits), \(joint.said?.account.number), \(joint.said?.reason), \(joint.bookedOn),
                \(actor))
            """)
        for share in shares {
            change.executeLater(
                """
                INSERT INTO joint_pointing_payout (joint_pointing, payout, organisation, received)
                VALUES (\(id.value), \(share.payout.id), \(organisation), \(share.received.minorUnits))
                """)
        }
        for line in joint.bankLines {
            try change.execute(
                """
                INSERT INTO joint_pointing_line (joint_pointing, bank_line, organisation)
                VALUES (\(id.value), \(line.id), \(organisation))
                """)
        }
    }

    /// What its lines brought to each account of the bank.
    func received(in id: JointPointingID, in change: inout Change) throws -> [Booking.Received] {
        try change.query(
            """
            SELECT iban, bank_line.currency, sum(amount)::bigint AS amount
            FROM joint_pointing_line JOIN bank_line ON bank_line.id = bank_line
            WHERE joint_pointing = \(id.value) AND bank_line.organisation = \(change.cause.organisation)
            GROUP BY iban, bank_line.currency ORDER BY iban
            """
        ) { row in
            Booking.Received(bank: try row("iban"), amount: try row.money("amount", try row.currency()))
        }
    }

    /// The lines are free again; what they were joined with stays to be read.
    func undo(_ id: JointPointingID, by author: String, in change: inout Change) throws {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            UPDATE joint_pointing SET undone_by = \(author), undone_at = now()
            WHERE id = \(id.value) AND organisation = \(organisation)
            """)
        change.executeLater(
            """
            UPDATE joint_pointing_line SET is_live = false
            WHERE joint_pointing = \(id.value) AND organisation = \(organisation)
            """)
    }

    func find(
        _ id: JointPointingID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> JointPointingAnswer? {
        try transaction.first(
            """
            SELECT id, rule, currency, difference, account, reason, booked_on, made_by, made_at, undone_by, undone_at,
                (SELECT array_agg(payout ORDER BY payout) FROM joint_pointing_payout WHERE joint_pointing = id) AS payouts,
                (SELECT array_agg(bank_line ORDER BY bank_line) FROM joint_pointing_line
                    WHERE joint_pointing = id) AS bank_lines
            FROM joint_pointing WHERE id = \(id.value) AND organisation = \(organisation)
            """
        ) { row in
            JointPointingAnswer(
                id: JointPointingID(try row("id") as UInt128), payoutIDs: try row("payouts"),
                bankLineIDs: try row("bank_lines"), rule: try row("rule"),
                difference: try row.money("difference", try row.currency()), account: try row("account"),
                reason: try row("reason"), bookedOn: try row("booked_on"), madeBy: try row("made_by"),
                madeAt: try row("made_at"), undoneBy: try row("undone_by"), undoneAt: try row("undone_at"))
        }
    }
}

/// Payouts and bank lines pointed as a whole, as the API shows them.
struct JointPointingAnswer: Codable, Sendable {
    let id: JointPointingID
    let payoutIDs: [PayoutID]
    let bankLineIDs: [BankLineID]
    let rule: String
    /// What the bank received more (or less) than was paid out.
    let difference: Money
    /// What takes the difference, and why there is one.
    let account: String?
    let reason: String?
    let bookedOn: LocalDate
    let madeBy: String
    let madeAt: Instant
    let undoneBy: String?
    let undoneAt: Instant?
}
