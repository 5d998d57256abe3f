import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The rules of an organisation with the version a person may have seen; 0 is the program's standard.
struct RulesRecord: Sendable {
    let rules: CollectingRules
    let version: Int64
}

/// What organisations decided about taking money.
struct RulesStore {
    func find(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> RulesRecord {
        try transaction.read(finding(of: organisation)) ?? RulesRecord(rules: .standard, version: 0)
    }

    /// Nil where nobody decided anything.
    func finding(of organisation: OrganisationID) -> Query<RulesRecord?> {
        .first(
            """
            SELECT cash_ceiling, currency, online_acceptance, several_online_deposits, version FROM collecting_rules
            WHERE organisation = \(organisation)
            """
        ) { row in
            RulesRecord(
                rules: CollectingRules(
                    cashCeiling: try row.money("cash_ceiling", try row.currency()),
                    onlineAcceptance: try row.word("online_acceptance"),
                    severalOnlineDeposits: try row("several_online_deposits")),
                version: try row("version"))
        }
    }

    /// Writes rules over what was there at `version`; false when somebody else was faster.
    func put(_ rules: CollectingRules, over version: Int64, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO collecting_rules AS kept (organisation, cash_ceiling, currency, online_acceptance,
                several_online_deposits)
            VALUES (\(change.cause.organisation), \(rules.cashCeiling.minorUnits), \(rules.cashCeiling.currency.code),
                \(rules.onlineAcceptance.rawValue), \(rules.severalOnlineDeposits))
            ON CONFLICT (organisation) DO UPDATE SET cash_ceiling = EXCLUDED.cash_ceiling,
                currency = EXCLUDED.currency, online_acceptance = EXCLUDED.online_acceptance,
                several_online_deposits = EXCLUDED.several_online_deposits, version = kept.version + 1
            WHERE kept.version = \(version)
            """) == 1
    }
}
