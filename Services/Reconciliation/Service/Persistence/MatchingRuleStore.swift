import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The matching rules of organisations; every change of a person is kept.
struct MatchingRuleStore {
    func put(_ rules: MatchingRules, as id: UInt128, in change: inout Change) throws {
        let definition = try PostgresJSON.of(rules.rules.map(MatchingRuleAnswer.init)).text
        change.executeLater(
            """
            INSERT INTO matching_rules (id, organisation, definition, changed_by)
            VALUES (\(id), \(change.cause.organisation), \(definition)::text, \(change.cause.actor))
            """)
    }

    /// Those that hold now; none until somebody has written some.
    func current(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> MatchingRules {
        let rules: [MatchingRuleAnswer]? = try transaction.first(
            "SELECT definition FROM matching_rules WHERE organisation = \(organisation) ORDER BY id DESC LIMIT 1"
        ) { row in try row.json("definition") }
        guard let rules else { return .none }
        return try MatchingRules(rules.map { try $0.rule() })
    }
}
